"""The register held against what was found: what one asset shows that nobody declared, and what became of each entry.

The name of a tool in a mark is compared with the names of declared tools: as a whole, or up to a version behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from provenance.model.declaration import Entry, RegisteredEntry
from provenance.model.declared import Purpose
from provenance.model.evidence import Evidence
from provenance.model.finding import Case
from provenance.model.match import COPY, Match
from provenance.model.reconciliation import Outcome, RegisterItem
from provenance.model.vocabulary import AI_ORIGINS, SUSPECT, Origin, Standing, Zone
from provenance.policy import messages
from provenance.policy.fields import parse_day

EXPIRING_DAYS = 30
"""Days before its last day from which on an approval is said to end."""
_OWN_ZONES = frozenset({Zone.EDITORIAL, Zone.ARCHIVE, Zone.DELIVERABLE})
"""Zones whose material is the production's own, unless a right says otherwise."""
_GENERAL_PURPOSES = frozenset({Purpose.IDEATION, Purpose.BACKGROUND, Purpose.ENHANCEMENT, Purpose.OTHER})
"""Purposes for which a use without content speaks of everything that its tool makes. The others need an approval of
their own, and speak only of what they name."""
_LONGEST_PROMPT = 200_000
"""Characters of a prompt that are searched for words."""
# Scripts without spaces between words, and Korean, whose particles follow a name without one.
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")

_MISSING = {Outcome.UNDECLARED_TOOL: "tool", Outcome.UNDECLARED_USE: "use", Outcome.CONSENT_MISSING: "consent"}
"""Outcomes that say that an entry is missing, and its kind."""

FindNamed = Callable[[str], Sequence[Case]]
"""Gives the cases that a name of a file stands for."""


def find_nothing(name: str) -> Sequence[Case]:  # noqa: ARG001 - the shape of `FindNamed`
    """Know no file by its name."""
    return ()


@dataclass(frozen=True, slots=True)
class ApprovedPlace:
    """Where an approved content was when it was approved."""

    entry: str
    digest: str
    path: str
    """Relative to the folder that was named; as shown."""
    place: str
    """Absolute, as shown."""


@dataclass(slots=True)
class Register:
    """Everything that counts in the register today, ready to be compared with one asset after the other."""

    entries: Sequence[RegisteredEntry]
    today: date
    places: Sequence[ApprovedPlace] = ()
    find_named: FindNamed = find_nothing
    is_present: Callable[[str, str], bool] = lambda _digest, _root: False
    """Whether a content is at any place below a folder now."""
    active: dict[str, list[Entry]] = field(default_factory=dict)
    """By kind."""
    _by_place: dict[str, list[ApprovedPlace]] = field(default_factory=dict)
    """By path, relative and absolute."""
    _declared_content: dict[str, list[Entry]] = field(default_factory=dict)
    """By digest: the uses that name it, or that an approval of it names."""
    _content_of_use: dict[str, set[str]] = field(default_factory=dict)
    """By id of the use."""
    _approvals: dict[str, list[Entry]] = field(default_factory=dict)
    """By digest."""
    _tools: list[tuple[str, Entry]] = field(default_factory=list)
    """Names by which marks call declared tools."""
    _words: list[tuple[re.Pattern[str], Entry]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for registered in self.entries:
            if not registered.is_withdrawn:
                self.active.setdefault(registered.entry.kind, []).append(registered.entry)
        self._index_uses()
        for tool in self.list("tool"):
            for name in (tool.get("name"), f"{tool.get('vendor')} {tool.get('name')}", *tool.list("found_as")):
                self._tools.append((_fold(name), tool))
        for watch in self.list("watch"):
            self._words.append((_compile_words(watch.list("words")), watch))
        for row in self.places:
            for key in {row.path, row.place}:
                self._by_place.setdefault(key, []).append(row)

    def _index_uses(self) -> None:
        uses = {use.id: use for use in self.list("use")}
        for use in uses.values():
            self._declare(use, use.list("content"))
        for approval in self.list("approval"):
            for digest in approval.list("content"):
                self._approvals.setdefault(digest, []).append(approval)
            if approval.get("use") in uses:
                self._declare(uses[approval.get("use")], approval.list("content"))

    def _declare(self, use: Entry, content: Iterable[str]) -> None:
        for digest in content:
            self._declared_content.setdefault(digest, []).append(use)
            self._content_of_use.setdefault(use.id, set()).add(digest)

    def list(self, kind: str) -> list[Entry]:
        """The entries of a kind that count."""
        return self.active.get(kind, [])

    @property
    def named_content(self) -> set[str]:
        """Digests of what entries name: of other content an asset alone says in what it differs, or its place does."""
        return {*self._declared_content, *self._approvals}

    @property
    def named_places(self) -> set[str]:
        """Absolute paths, as shown, where an approved content was: another content there may have replaced it."""
        return {row.place for row in self.places}

    # What one asset shows

    def compare_where_kept(self, case: Case) -> Iterator[RegisterItem]:
        """Yield the same as `compare`, without what is missing where nobody declares entries of its kind at all."""
        for item in self.compare(case):
            if item.outcome not in _MISSING or self.list(_MISSING[item.outcome]):
                yield item

    def compare(self, case: Case) -> Iterator[RegisterItem]:
        """Yield everything in which an asset differs from what is declared."""
        yield from self._find_undeclared_tools(case)
        yield from self._find_undeclared_uses(case)
        yield from self._find_words(case)
        yield from self._find_inputs(case)
        yield from self._find_changed_content(case)
        yield from self._find_ending_approvals(case)
        yield from self._find_missing_consents(case)

    def find_tool(self, name: str | None) -> Entry | None:
        """The declared tool that a mark names."""
        found = _fold(name or "")
        for declared, tool in self._tools:
            if found == declared or (found.startswith(declared) and not found[len(declared)].isalnum()):
                return tool
        return None

    def _find_undeclared_tools(self, case: Case) -> Iterator[RegisterItem]:
        unknown: dict[str, list[Evidence]] = {}
        for row in case.reading.evidence:
            if row.origin in AI_ORIGINS and row.tool and self.find_tool(row.tool) is None:
                unknown.setdefault(row.tool, []).append(row)
        for name, because in unknown.items():
            message = f"The tool {messages.shorten(name)} is not in the register."
            remedy = "Register it with its licence and its terms; if it is registered, add this name to found_as."
            yield _make_item(Outcome.UNDECLARED_TOOL, "tool", "", case, message, remedy, because)

    def _find_undeclared_uses(self, case: Case) -> Iterator[RegisterItem]:
        remedy = "Register the use with its purpose, and name this content in it."
        own = [row for row in case.reading.evidence if row.origin in AI_ORIGINS]
        digest = case.reading.asset.digest
        if own and not self._is_use_declared(digest, [row.tool for row in own]):
            message = "Generative AI took part in it, and no use of this content is in the register."
            yield _make_item(Outcome.UNDECLARED_USE, "use", "", case, message, remedy, own)
        for match in case.matches:
            if match.verdict != COPY or match.known.origin not in AI_ORIGINS or digest in self._declared_content:
                continue
            mark = match.known.mark
            if not self._is_use_declared(match.known.digest, [mark.tool if mark else None]):
                shows = messages.describe_showing(match)
                message = f"It {shows} {messages.describe_match(match)}, and no use of that is in the register."
                yield _make_item(Outcome.UNDECLARED_USE, "use", "", case, message, remedy, [match])

    def _is_use_declared(self, digest: str, tools: Iterable[str | None]) -> bool:
        """Whether a use names the content, or is a general one of a tool that made it and names none."""
        if digest in self._declared_content:
            return True
        made_with = self._name_tools(tools)
        for use in self.list("use"):
            is_general = not use.list("content") and use.get("purpose") in _GENERAL_PURPOSES
            if is_general and use.get("tool") in made_with:
                return True
        return False

    def _name_tools(self, names: Iterable[str | None]) -> set[str]:
        """The ids of the declared tools among names in marks."""
        found = set()
        for name in names:
            if tool := self.find_tool(name):
                found.add(tool.id)
        return found

    def _find_words(self, case: Case) -> Iterator[RegisterItem]:
        for row in case.reading.evidence:
            prompt = row.used.prompt if row.used else None
            if not prompt or not self._words:
                continue
            text = _fold_words(prompt[:_LONGEST_PROMPT])
            for pattern, watch in self._words:
                if found := pattern.search(text):
                    message = f"Its prompt contains {found[0]!r}, which is on the watch list ({watch.id})."
                    remedy = "Ask who is meant; a person, a work or a brand of others needs consent or a licence."
                    yield _make_item(Outcome.WATCHED_WORD, "watch", watch.id, case, message, remedy, [row])

    def _find_inputs(self, case: Case) -> Iterator[RegisterItem]:
        for row in case.reading.evidence:
            tool = self.find_tool(row.tool)
            if tool is None or row.used is None:
                continue
            for name in dict.fromkeys(map(_name_file, row.used.inputs)):
                if name and (kind := self._find_forbidden(name, tool)):
                    message = (
                        f"{messages.shorten(name)}, {kind}, was given to {tool.get('name')}, which is not allowed."
                    )
                    remedy = "Find out which file was given, and report it; use a tool that may have it."
                    yield _make_item(Outcome.INPUT_NOT_ALLOWED, "tool", tool.id, case, message, remedy, [row])

    def _find_forbidden(self, name: str, tool: Entry) -> str:
        """What a file of that name is that the tool must not be given; empty when it may."""
        allowed = set(tool.list("allowed_inputs"))
        if not allowed and "yes" not in (tool.get("keeps_inputs"), tool.get("trains_on_inputs")):
            return ""  # Its terms protect what it is given, and nobody restricted it.
        licensed: set[str] = set()
        for right in self.list("right"):
            licensed.update(right.list("content"))
        for known in self.find_named(name):
            if known.location.zone not in _OWN_ZONES or known.origin in SUSPECT:
                continue
            if known.reading.asset.digest in licensed:
                if "licensed" not in allowed:
                    return "the name of licensed material"
            elif "own" not in allowed:
                return "the name of material of the production"
        return ""

    def _find_changed_content(self, case: Case) -> Iterator[RegisterItem]:
        location, digest = case.location, case.reading.asset.digest
        place = f"{location.root}/{location.path}"
        rows = [*self._by_place.get(location.path, ()), *self._by_place.get(place, ())]
        named: set[str] = set()
        for row in rows:
            # Elsewhere the same name alone says little: only material that needs an approval counts.
            is_meant = row.place == place or case.is_suspect
            if digest in self._approvals or row.digest not in self._approvals or row.entry in named or not is_meant:
                continue
            if self.is_present(row.digest, location.root):
                continue
            named.add(row.entry)
            message = f"Another content of this name was approved ({row.entry}: {row.digest}); it is not here any more."
            remedy = "Look at what changed, and approve this content, or withdraw the approval."
            because = [_cite(row.entry, "approval", f"approved for {row.digest}")]
            yield _make_item(Outcome.CHANGED_CONTENT, "approval", row.entry, case, message, remedy, because)

    def _find_ending_approvals(self, case: Case) -> Iterator[RegisterItem]:
        rows = self._approvals.get(case.reading.asset.digest)
        if not rows:
            return
        # Of several for one content the one counts that lasts longest.
        entry = max(rows, key=lambda row: row.get("until"))
        if outcome := self._judge_last_day(entry):
            message, remedy = _describe_last_day(entry, outcome)
            yield _make_item(outcome, "approval", entry.id, case, message, remedy, [_cite_entry(entry)])

    def _judge_last_day(self, entry: Entry) -> Outcome | None:
        last = parse_day(entry.get("until"))
        if last is None:
            return None
        if last < self.today:
            return Outcome.EXPIRED
        if last <= self.today + timedelta(days=EXPIRING_DAYS):
            return Outcome.EXPIRING
        return None

    def _find_missing_consents(self, case: Case) -> Iterator[RegisterItem]:
        uses = list(self._declared_content.get(case.reading.asset.digest, ()))
        for match in case.matches:
            if match.verdict == COPY:
                uses.extend(self._declared_content.get(match.known.digest, ()))
        for use in dict.fromkeys(uses):
            if self.lacks_consent(use):
                message, remedy = _describe_missing_consent(use)
                yield _make_item(Outcome.CONSENT_MISSING, "use", use.id, case, message, remedy, [_cite_entry(use)])

    def lacks_consent(self, use: Entry) -> bool:
        """Whether a use of talent has no consent that was signed before it began and still counts."""
        if use.get("purpose") != Purpose.TALENT:
            return False
        return not any(self._allows(consent, use) for consent in self.list("consent"))

    def _allows(self, consent: Entry, use: Entry) -> bool:
        # Days as ISO 8601 compare as texts.
        is_late = use.get("from") and consent.get("signed_on") > use.get("from")
        is_over = consent.get("until") and consent.get("until") < str(self.today)
        if is_late or is_over:
            return False
        if self._content_of_use.get(use.id, set()) & set(consent.list("content")):
            return True
        performer = _fold_words(consent.get("performer"))
        text = _fold_words(f"{use.get('description')} {use.get('who')}")
        return not consent.list("content") and f" {performer} " in f" {text} "

    # What became of each entry

    def conclude(self, cases: Mapping[str, Case], tools: Iterable[str]) -> Iterator[RegisterItem]:
        """Yield one item for every entry that counts. `cases`: by digest, what was found, and the contents that were
        found again in it. `tools`: names in marks of generation or enhancement.
        """
        found_tools = self._name_tools(tools)
        for tool in self.list("tool"):
            yield _conclude(tool, is_found=tool.id in found_tools)
        for use in self.list("use"):
            if self.lacks_consent(use):
                yield _make_entry_item(Outcome.CONSENT_MISSING, use, *_describe_missing_consent(use))
                continue
            content = use.list("content")
            is_found = any(digest in cases for digest in content) if content else use.get("tool") in found_tools
            yield _conclude(use, is_found=is_found, case=_find_first(content, cases))
        for kind in ("approval", "consent", "right"):
            for entry in self.list(kind):
                yield self._conclude_permission(entry, cases)
        for watch in self.list("watch"):
            yield _conclude(watch, is_found=False, missing="no prompt that was read contains one of its words")

    def _conclude_permission(self, entry: Entry, cases: Mapping[str, Case]) -> RegisterItem:
        case = _find_first(entry.list("content"), cases)
        is_found = case is not None
        if entry.kind == "consent" and not is_found:
            for use in self.list("use"):
                is_found = is_found or (use.get("purpose") == Purpose.TALENT and self._allows(entry, use))
        outcome = self._judge_last_day(entry)
        if outcome is Outcome.EXPIRED and not is_found:
            outcome = None  # What is not here needs no permission.
        if outcome:
            return _make_entry_item(outcome, entry, *_describe_last_day(entry, outcome), case=case)
        return _conclude(entry, is_found=is_found, case=case)


def _fold(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _fold_words(text: str) -> str:
    """Text in which words are compared: tags write `harbour_dawn` for Harbour Dawn."""
    return " ".join(re.split(r"[\s_-]+", unicodedata.normalize("NFKC", text).casefold())).strip()


def _compile_words(words: Iterable[str]) -> re.Pattern[str]:
    parts = []
    for word in map(_fold_words, words):
        escaped = re.escape(word)
        parts.append(escaped if _NO_SPACES.search(word) else rf"(?<!\w){escaped}(?!\w)")
    return re.compile("|".join(parts))


def _name_file(text: str) -> str:
    """The name of a file as a workflow writes it: without folders, and without `[input]` behind it."""
    return re.split(r"[\\/]", re.sub(r"\s*\[\w+\]$", "", text.strip()))[-1]


def _cite(name: str, kind: str, detail: str) -> Evidence:
    """An entry as evidence: what people declared."""
    return Evidence("register", "register", f"{kind} {name}", Origin.UNKNOWN, Standing.DECLARED, None, detail)


def _cite_entry(entry: Entry) -> Evidence:
    said = entry.get("description") or entry.get("reason") or entry.get("scope")
    return _cite(entry.id, entry.kind, f"In the register: {messages.shorten(said)}.")


def _describe_last_day(entry: Entry, outcome: Outcome) -> tuple[str, str]:
    if outcome is Outcome.EXPIRED:
        return f"The {entry.called} ended on {entry.get('until')}.", "Have it renewed, and register the new one."
    return f"The {entry.called} ends on {entry.get('until')}.", "Have it renewed in time."


def _describe_missing_consent(use: Entry) -> tuple[str, str]:
    message = f"The {use.called} is one of talent, and no consent that was signed before it is in the register."
    remedy = "Register the consent with this content in it; without content, name the performer in the use."
    return message, remedy


def _make_item(
    outcome: Outcome,
    kind: str,
    name: str,
    case: Case,
    message: str,
    remedy: str,
    because: Iterable[Evidence | Match],
) -> RegisterItem:
    digest = case.reading.asset.digest
    return RegisterItem(outcome, kind, name, case.location.path, digest, message, remedy, tuple(because))


def _make_entry_item(
    outcome: Outcome, entry: Entry, message: str, remedy: str, case: Case | None = None
) -> RegisterItem:
    path = case.location.path if case else ""
    digest = next(iter(entry.list("content")), "")
    return RegisterItem(outcome, entry.kind, entry.id, path, digest, message, remedy)


def _conclude(
    entry: Entry, *, is_found: bool, case: Case | None = None, missing: str = "nothing of it was found"
) -> RegisterItem:
    if is_found:
        return _make_entry_item(Outcome.AGREES, entry, f"The {entry.called} agrees with what was found.", "", case)
    return _make_entry_item(Outcome.NOT_FOUND, entry, f"The {entry.called}: {missing}.", "")


def _find_first(content: Iterable[str], cases: Mapping[str, Case]) -> Case | None:
    return next((cases[digest] for digest in content if digest in cases), None)
