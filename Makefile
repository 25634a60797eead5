# make scan [FOLDER=…]   install, then scan a folder (default: the demo delivery that comes with the project, after
#                        learning what lies in the storage of its edit and what its production declared)
# make test              install, then run the tests
# make check             linters, types, tests: what CI runs
# make fixtures          build the demo media anew
# make faults [SHARE=1]  faults put in on purpose: kills, full disks, broken storages, races …; prints one table
# make docs              generate the reference pages anew

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := fixtures/media/delivery
FOLDER ?= $(DEMO)
EDIT := $(if $(filter $(DEMO),$(FOLDER)),fixtures/media/editorial)
# The demo is signed by a certificate authority of its own, which nobody else should trust.
TRUST := $(if $(filter $(DEMO),$(FOLDER)),--trust-list fixtures/media/certificates/test-root.pem)
REGISTER := $(if $(filter $(DEMO),$(FOLDER)),fixtures/media/register.toml)
INSTALLED := $(VENV)/.installed

.PHONY: scan test check lint fixtures faults docs clean

scan: $(INSTALLED)
	@mkdir -p out
	@$(if $(EDIT),$(BIN)/provenance ingest $(EDIT) --catalogue out/demo.db && echo,true)
	@$(if $(REGISTER),$(BIN)/provenance register import $(REGISTER) --unseen --catalogue out/demo.db && echo,true)
	@code=0; $(BIN)/provenance scan "$(FOLDER)" --catalogue out/demo.db \
	  $(TRUST) --output text=- --output html=out/report.html || code=$$?; \
	echo; echo "The same with pictures: out/report.html"; echo; \
	$(if $(REGISTER),$(BIN)/provenance register check --for "$(FOLDER)" --catalogue out/demo.db; echo;) \
	if [ "$(FOLDER)" = "$(DEMO)" ] && [ $$code -eq 1 ]; then \
	  echo "Exit code 1: the gate is closed. That is right: the demo delivery holds generated material,"; \
	  echo "and its master shows a still of the edit that was generated, though no mark of it is left."; \
	else exit $$code; fi

# Hundreds of processes start in the tests: without its bytecode each of them would compile the program anew.
# A file stays with one process, so that what its tests share is made once. In the order of their names: those with the
# fewest tests are the longest, and would otherwise come last, one beside idle processes.
test: $(INSTALLED)
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

check: lint test

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

fixtures: $(INSTALLED)
	$(BIN)/python -m fixtures.media.make

# At SHARE=1 it takes hours. Root, FUSE, strace and a C compiler are needed for some rows.
faults: $(INSTALLED)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[faults]'
	$(BIN)/python -m benchmarks.faults --share $(or $(SHARE),0.02)

docs: $(INSTALLED)
	$(BIN)/python -m docs.generate

clean:
	rm -rf $(VENV) out build .mypy_cache .ruff_cache .pytest_cache

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 …"; exit 1; }
	@echo "Installing into $(VENV) (once; takes a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
