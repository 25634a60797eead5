"""What changed in the program decides what is read again: files of one type, files with credentials, or none at all."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from provenance import registry
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.evidence import carriers, plugins, signals
from provenance.evidence.interface import Carrier, Signal
from provenance.evidence.text.make_evidence import make_evidence
from provenance.intake import versions
from provenance.intake.examine import examine
from provenance.intake.jobs import (
    DeriveEvidence,
    Job,
    Outcome,
    ReadFile,
)
from provenance.limits import DEFAULT, Limits
from provenance.matching import search_index
from provenance.model.asset import FINGERPRINT_VERSIONS
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin
from provenance.registry import EntryPoint
from provenance.workflows import derive
from tests.workflows.show import Engine, Show

MEDIA = Path(__file__).parents[2] / "fixtures" / "media"
SIGNED = "c2pa-pass-a.jpg"
WORDS = "Lumen Forge"
"""A generator that no signal knows."""


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The source of the program has changed, whatever else has."""
    count = iter(range(9))

    def change_source() -> None:
        name = f"other source {next(count)}"
        monkeypatch.setattr(versions, "hash_program", lambda: name)

    return change_source


@pytest.fixture
def learn(monkeypatch: pytest.MonkeyPatch, update: Callable[[], None]) -> Callable[[], None]:
    """A signal of the program learns what the generator writes, and has a new version."""
    signal = type(registry.load_members(signals, Signal)["credit_line"])

    def read(_: Signal, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for row in statements:
            if WORDS in row.value:
                yield make_evidence("credit_line", row, Origin.GENERATED, "Names Lumen Forge.", tool=WORDS)

    def raise_version() -> None:
        monkeypatch.setattr(signal, "read", read)
        monkeypatch.setattr(signal, "version", 2)
        update()

    return raise_version


def raise_version(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(registry.load_members(carriers, Carrier)[name]), "version", 2)


def note(path: Path, words: str) -> None:
    path.write_text(f"---\nAIGC: {words}\n---\ntext\n")


def png(path: Path, words: str, side: int = 64) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Note", words)
    Image.effect_noise((side, side), 50).convert("RGB").save(path, pnginfo=info)


def test_a_night_after_an_update_that_changes_no_version_reads_nothing(show: Show, update: Callable[[], None]) -> None:
    png(show.edit / "a.png", "one")
    show.night()
    assert show.engine.read == ["a.png"]
    update()
    show.night()
    assert (show.engine.read, show.engine.derived, show.said) == ([], 0, [])


def test_a_program_without_its_source_compares_every_time(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_list_sources", lambda _: iter(()))
    versions.hash_program.cache_clear()
    assert versions.make_stamp(versions.ReadingConditions()) == ""
    png(show.edit / "a.png", "one")
    show.night()
    raise_version("png", monkeypatch)
    show.night()
    assert show.engine.read == ["a.png"]
    show.night()
    assert show.engine.read == []
    versions.hash_program.cache_clear()


def test_a_new_signal_opens_no_file_and_the_morning_tells_what_is_generated(
    show: Show, learn: Callable[[], None]
) -> None:
    note(show.edit / "a.md", WORDS)
    note(show.edit / "b.md", "somebody")
    png(show.edit / "c.png", "nothing")
    assert show.night().newly_generated == ()
    assert show.case(show.edit / "a.md").origin is Origin.UNKNOWN
    learn()
    delta = show.night()
    assert show.engine.read == []
    assert show.engine.derived == 3
    assert show.said == ["signals have changed: evidence is derived again from stored statements"]
    assert (delta.newly_generated, delta.new, delta.changed, delta.vanished) == (("edit: a.md",), (), (), ())
    assert show.paths() == {"a.md"}
    (evidence,) = show.case(show.edit / "a.md").reading.evidence
    assert (evidence.tool, evidence.carrier) == (WORDS, "front_matter")
    assert verify(show.catalogue).is_sound
    delta = show.night()
    assert (delta.newly_generated, show.engine.read, show.engine.derived) == ((), [], 0)


def test_of_what_turns_out_to_be_generated_the_pictures_are_read_to_be_found_again(
    show: Show, learn: Callable[[], None]
) -> None:
    png(show.edit / "a.png", WORDS)
    png(show.edit / "b.png", "nothing")
    shutil.copy(show.edit / "a.png", show.out / "copy.png")
    show.night()
    assert sorted(show.engine.read) == ["a.png", "b.png", "copy.png"]
    learn()
    delta = show.night()
    assert sorted(show.engine.read) == ["a.png", "copy.png"]
    assert delta.newly_generated == ("edit: a.png", "out: copy.png")
    reading = show.case(show.edit / "a.png").reading
    assert reading.thumbnail
    show.night()
    assert show.engine.read == []


def test_what_vanished_and_what_is_inside_of_files_is_learned_as_well(show: Show, learn: Callable[[], None]) -> None:
    png(show.edit / "gone.png", WORDS)
    with zipfile.ZipFile(show.edit / "a.zip", "w") as archive:
        archive.writestr("b.png", (show.edit / "gone.png").read_bytes())
    show.night()
    (show.edit / "gone.png").unlink()
    assert show.night().vanished == ("edit: gone.png",)
    learn()
    delta = show.night()
    assert delta.vanished == ()
    assert delta.newly_generated == ("edit: a.zip!b.png",)
    assert show.engine.read == ["a.zip"], "the picture in it is kept to be found again"
    with Catalogue.open(show.catalogue, write=False) as catalogue:
        (gone,) = catalogue.find_by_path(os.fsencode(show.edit / "gone.png"))
        known = [known.path for known, _ in catalogue.fingerprints([Origin.GENERATED])]
    assert gone.origin is Origin.GENERATED
    assert known, "the source of a shot in a master need not be on the storage any more"


def test_a_text_in_a_container_that_means_nothing_today_is_read_again(show: Show, learn: Callable[[], None]) -> None:
    note(show.edit / "note.md", WORDS)
    with (show.edit / "note.md").open("a") as file:
        # An archive gives a text only if there may be a file in it.
        file.write("data:image/png;base64," + base64.b64encode(b"no picture " * 20).decode())
    with zipfile.ZipFile(show.edit / "a.zip", "w") as archive:
        archive.write(show.edit / "note.md", "note.md")
    (show.edit / "note.md").unlink()
    show.night()
    with Catalogue.open(show.catalogue, write=False) as catalogue:
        assert len(list(catalogue.cases())) == 1, "it is no row"
    learn()
    assert show.night().newly_generated == ("edit: a.zip!note.md",)
    assert show.engine.read == ["a.zip"]


def frames(folder: Path, words: Callable[[int], str]) -> None:
    folder.mkdir()
    for number in range(8):
        info = TiffImagePlugin.ImageFileDirectory_v2()
        info[270] = words(number)
        Image.new("L", (16, 16), number).save(folder / f"shot.{1001 + number}.tif", tiffinfo=info)


def test_of_frames_that_say_something_else_the_words_are_kept(show: Show, learn: Callable[[], None]) -> None:
    frames(show.edit / "alike", lambda number: f"frame {number} of take 3")
    frames(show.edit / "hosts", lambda number: f"rendered on {'xyz'[number % 3]}")
    frames(show.edit / "other", lambda number: WORDS if number == 5 else f"frame {number}")
    frames(show.edit / "all", lambda number: f"frame {number} by Lumen Forge")
    frames(show.edit / "long", lambda number: "no" * 3000 + "abcdefgh"[number])
    show.night()
    assert len(show.engine.read) == 40
    places = [row.where for row in show.case(show.edit / "hosts" / "shot.[1001-1008].tif").reading.statements]
    assert [where.split(":")[0] for where in places if where.startswith("frame")] == ["frame 1002", "frame 1003"]
    learn()
    assert show.night().newly_generated == ("edit: all/shot.[1001-1008].tif", "edit: other/shot.1006.tif")
    # Those whose evidence changed are put together anew; of the long ones not all is kept.
    assert len(show.engine.read) == 24
    assert show.case(show.edit / "hosts" / "shot.[1001-1008].tif").origin is Origin.UNKNOWN
    show.night()
    assert (show.engine.read, show.engine.derived) == ([], 0)


def test_a_new_carrier_version_opens_the_files_of_its_types_alone(
    show: Show, monkeypatch: pytest.MonkeyPatch, update: Callable[[], None]
) -> None:
    note(show.edit / "a.md", "somebody")
    png(show.edit / "b.png", "words")
    (show.edit / "b.txt").write_text("a caption")
    with zipfile.ZipFile(show.edit / "c.zip", "w") as archive:
        archive.writestr("d.png", (show.edit / "b.png").read_bytes())
    show.night()
    raise_version("png", monkeypatch)
    update()
    show.night()
    assert sorted(show.engine.read) == ["b.png", "c.zip"]
    assert show.engine.derived == 0
    raise_version("sidecar", monkeypatch)
    raise_version("front_matter", monkeypatch)
    update()
    show.night()
    assert sorted(show.engine.read) == ["a.md", "b.png", "b.txt"], "a caption is a text as well"
    show.night()
    assert show.engine.read == []


def test_a_new_carrier_opens_the_files_of_its_types_alone(
    show: Show, monkeypatch: pytest.MonkeyPatch, update: Callable[[], None]
) -> None:
    note(show.edit / "a.md", "somebody")
    png(show.edit / "b.png", "words")
    members = registry.load_members(carriers, Carrier)
    older = {name: carrier for name, carrier in members.items() if name != "front_matter"}
    load = registry.load_members

    def load_older(package: object, base: type[Carrier]) -> object:
        return older if package is carriers else load(package, base)  # type: ignore[arg-type]  # any family

    with monkeypatch.context() as patch:
        patch.setattr(registry, "load_members", load_older)
        show.night()
    update()
    show.night()
    assert show.engine.read == ["a.md"]


def test_a_trust_list_more_opens_the_files_with_credentials_alone(show: Show) -> None:
    png(show.edit / "a.png", "words")
    shutil.copy(MEDIA / "marks" / SIGNED, show.edit / "b.jpg")
    show.night()
    (credential,) = show.case(show.edit / "b.jpg").reading.credentials
    assert credential.trust == "untrusted"
    show.change(trust_lists=(str(MEDIA / "certificates" / "test-root.pem"),))
    show.night()
    assert show.engine.read == ["b.jpg"]
    (credential,) = show.case(show.edit / "b.jpg").reading.credentials
    assert (credential.trust, credential.list) == ("trusted", "test-root.pem")


def test_another_version_of_the_c2pa_library_opens_the_files_with_credentials_alone(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    png(show.edit / "a.png", "words")
    shutil.copy(MEDIA / "marks" / SIGNED, show.edit / "b.jpg")
    show.night()
    monkeypatch.setattr(versions, "_find_library_version", lambda: "99.0")
    show.night()
    assert show.engine.read == ["b.jpg"]


def test_a_new_fingerprint_opens_what_has_one_and_searches_anew(
    show: Show, monkeypatch: pytest.MonkeyPatch, update: Callable[[], None]
) -> None:
    note(show.edit / "a.md", "somebody")
    shutil.copy(MEDIA / "marks" / "a1111-fail-a.png", show.edit / "b.png")
    png(show.out / "c.png", "of the delivery", side=256)
    show.night()
    assert show.engine.searched == ["c.png"]
    show.night()
    assert (show.engine.read, show.engine.searched) == ([], [])
    monkeypatch.setitem(FINGERPRINT_VERSIONS, "picture", 2)
    monkeypatch.setitem(FINGERPRINT_VERSIONS, "video", 2)
    update()
    show.night()
    assert show.engine.read == ["b.png"], "of an unmarked deliverable there is no fingerprint"
    assert show.engine.searched == ["c.png"]
    monkeypatch.setattr(search_index, "VERSION", search_index.VERSION + 1)
    update()
    show.night()
    assert (show.engine.read, show.engine.searched) == ([], ["c.png"])


def test_other_limits_open_what_reached_one_alone(show: Show) -> None:
    png(show.edit / "a.png", "words")
    png(show.edit / "b.png", "words " * 400)
    show.change(limits=dataclasses.replace(DEFAULT, inflated=1000, packet=1000, text=1000))
    show.night()
    assert len(show.case(show.edit / "b.png").reading.statements[-1].value) <= 1000
    show.change(limits=DEFAULT)
    show.night()
    assert show.engine.read == ["b.png"]
    show.night()
    assert show.engine.read == []


def test_a_new_version_of_a_plug_in_opens_files_and_keeps_what_it_has_found(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    png(show.edit / "a.png", "words")

    def install(version: str) -> None:
        point = EntryPoint("acme", plugins.SIGNALS, "acme:Acme", f"acme-detector {version}")
        monkeypatch.setattr(plugins, "find_plugins", lambda: [point])

    install("1.2")
    show.change(plugins=("acme",))
    show.night()
    show.night()
    assert show.engine.read == []
    install("1.3")
    show.night()
    assert show.engine.read == ["a.png"]


def test_a_catalogue_of_before_there_were_versions_is_not_read_again(
    show: Show, monkeypatch: pytest.MonkeyPatch, update: Callable[[], None]
) -> None:
    png(show.edit / "a.png", "words")
    with monkeypatch.context() as patch:
        # What an older version did: one name for all files, and nothing that says what it stands for.
        patch.setattr(versions.ReadingVersions, "name", lambda self, _: self.conditions.former_name)
        patch.setattr("provenance.catalogue.versions.StoredVersions.record_state", lambda *_: None)
        show.night()
    monkeypatch.setattr(versions, "_FIRST_VERSIONS", versions.name_first_versions())
    show.night()
    assert (show.engine.read, show.engine.derived) == ([], 0)
    raise_version("front_matter", monkeypatch)
    update()
    show.night()
    assert show.engine.read == ["a.png"], "which types it has inside was not noted"


def test_an_old_catalogue_of_other_versions_is_read_again_once(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    png(show.edit / "a.png", "words")
    with monkeypatch.context() as patch:
        patch.setattr(versions.ReadingVersions, "name", lambda self, _: self.conditions.former_name)
        patch.setattr("provenance.catalogue.versions.StoredVersions.record_state", lambda *_: None)
        show.night()
    monkeypatch.setattr(versions, "_FIRST_VERSIONS", "of another program")
    show.night()
    assert (show.engine.read, show.engine.derived) == (["a.png"], 1)
    show.night()
    assert show.engine.read == []


@pytest.fixture
def two_to_derive(show: Show, learn: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files whose evidence the next night has to derive again, one in each job."""
    note(show.edit / "a.md", WORDS)
    note(show.edit / "b.md", f"also {WORDS}")
    show.night()
    learn()
    monkeypatch.setattr(derive, "_READINGS_PER_JOB", 1)


@pytest.mark.usefixtures("two_to_derive")
def test_a_derivation_that_is_broken_off_begins_again(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        taken = derive._Derivation._take

        def take_one(self: derive._Derivation, *arguments: object) -> None:
            taken(self, *arguments)  # type: ignore[arg-type]  # passed on
            raise KeyboardInterrupt

        patch.setattr(derive._Derivation, "_take", take_one)
        with pytest.raises(KeyboardInterrupt):
            show.night()
    assert show.night().newly_generated == ("edit: a.md", "edit: b.md")
    assert show.engine.derived == 2
    assert show.paths() == {"a.md", "b.md"}


@pytest.mark.usefixtures("two_to_derive")
def test_a_derivation_that_ends_by_the_clock_begins_again(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        # An engine whose time is over after one job takes no other.
        run = Engine.run
        patch.setattr(Engine, "run", lambda *arguments: itertools.islice(run(*arguments), 1))
        assert show.night().newly_generated == ("edit: a.md",)
    assert show.night().newly_generated == ("edit: b.md",)
    assert show.engine.read == []
    show.night()
    assert show.engine.derived == 0


def test_a_reading_that_costs_a_worker_its_life_is_read_again_and_the_others_are_derived(
    show: Show, learn: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        note(show.edit / f"{name}.md", f"{name} {WORDS}")
    show.night()
    learn()
    do = examine

    def fail(job: Job, limits: Limits) -> Outcome:
        if isinstance(job, DeriveEvidence) and any("b " in row.statements[0].value for row in job.readings):
            return do(ReadFile(b"/nowhere", 0), limits)
        return do(job, limits)

    monkeypatch.setattr("tests.workflows.show.examine", fail)
    assert show.night().newly_generated == ("edit: a.md", "edit: b.md", "edit: c.md")
    assert show.engine.read == ["b.md"]
