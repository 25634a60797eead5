"""Opening: one writer, readers beside it, what is refused and with which words; and what a full disk does."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.catalogue import engine, migrations, session
from provenance.catalogue.lock import find_filesystem, refuse_network
from provenance.catalogue.migrations import MIGRATIONS, migrate, read_version
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.errors import CatalogueBusy, CatalogueDamaged, ProvenanceError, UsageError
from tests.catalogue import make
from tests.catalogue.make import NOON

HOLDER = """
import sys
from pathlib import Path
from provenance.catalogue.store import Catalogue
with Catalogue.open(Path(sys.argv[1]), write=True):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c.db"


def _fill(path: Path, count: int = 3) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        for number in range(count):
            catalogue.add(make.location(f"{number:06}"), "1", make.reading(number), run, NOON)
        catalogue.end_run(run, NOON, "done")


def _endlessly(catalogue: Catalogue, run: int) -> None:
    for number in itertools.count():
        catalogue.add(make.location(str(number)), "1", make.reading(number, words=50), run, NOON)


def _count(path: Path) -> int:
    with Catalogue.open(path, write=False) as catalogue:
        return sum(1 for _ in catalogue.cases())


def test_the_engine_is_told() -> None:
    told = engine.describe_sqlite()
    assert told.module in ("pysqlite3", "sqlite3")
    assert told.wal_reset_bug == ((3, 7, 0) <= tuple(map(int, told.version.split("."))) < (3, 51, 3))


def test_a_second_writer_is_told_who_holds_it(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(CatalogueBusy) as busy:
            Catalogue.open(path, write=True)
        assert f"process {holder.pid}" in busy.value.message
        assert busy.value.exit_code == 6
        assert _count(path) == 0, "readers are let in"
        holder.kill()
    _fill(path)
    assert _count(path) == 3, "a killed holder holds nothing"


def test_a_second_writer_in_one_process_is_busy_too(path: Path) -> None:
    with Catalogue.open(path, write=True), pytest.raises(CatalogueBusy):
        Catalogue.open(path, write=True)
    _fill(path)


def test_readers_see_what_was_committed_while_the_writer_goes_on(path: Path) -> None:
    with Catalogue.open(path, write=True) as writer:
        run = writer.begin_run("ingest", NOON)
        for number in range(3):
            writer.add(make.location(str(number)), "1", make.reading(number), run, NOON)
        writer.flush()
        with Catalogue.open(path, write=False) as reader:
            cases = reader.cases()
            assert next(cases).location.path == "0"
            writer.add(make.location("00"), "1", make.reading(9), run, NOON)
            writer.flush()
            assert [case.location.path for case in cases] == ["1", "2"], "one answer is one snapshot"
            assert sum(1 for _ in reader.cases()) == 4
        assert verify(path).problems == ()


def test_a_writer_leaves_one_file_and_the_lock(path: Path) -> None:
    _fill(path)
    assert sorted(name.name for name in path.parent.iterdir()) == ["c.db", "c.db.lock"]


def test_reading_what_is_not_there(path: Path) -> None:
    with pytest.raises(UsageError) as missing:
        Catalogue.open(path, write=False)
    assert "ingest" in missing.value.hint
    with pytest.raises(UsageError):
        verify(path)
    assert not path.exists()


def test_what_a_kill_left_behind_is_an_empty_catalogue(path: Path) -> None:
    path.write_bytes(b"")
    assert _count(path) == 0
    assert verify(path).is_sound
    with sqlite3.connect(path) as half:
        half.execute("PRAGMA journal_mode = WAL")
    half.close()
    assert path.stat().st_size > 0
    assert _count(path) == 0
    assert verify(path).is_sound
    _fill(path)
    assert _count(path) == 3


def test_a_change_that_a_kill_left_half_written_is_rolled_back_for_a_reader(path: Path, tmp_path: Path) -> None:
    _fill(path, 300)
    killed = tmp_path / "killed.db"
    with sqlite3.connect(path, isolation_level=None) as db:
        for statement in (
            "PRAGMA journal_mode = DELETE",
            "PRAGMA cache_size = 1",
            "BEGIN",
            "UPDATE locations SET mark = 'x'",
        ):
            db.execute(statement)
        for suffix in ("", "-journal"):
            Path(f"{killed}{suffix}").write_bytes(Path(f"{path}{suffix}").read_bytes())
        db.execute("ROLLBACK")
    db.close()
    assert killed.read_bytes() != path.read_bytes()
    assert _count(killed) == 300
    assert verify(killed).problems == ()


def test_a_log_that_outlived_its_file_does_no_harm(path: Path) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        catalogue.begin_run("ingest", NOON)
        stale = Path(f"{path}-wal").read_bytes()
        assert stale
    path.unlink()
    Path(f"{path}-wal").write_bytes(stale)
    _fill(path)
    assert _count(path) == 3
    assert verify(path).problems == ()


@pytest.mark.parametrize("write", [True, False])
def test_files_of_others_are_refused_untouched(path: Path, write: bool) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE ledger (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="not a catalogue"):
        Catalogue.open(path, write=write)
    assert path.read_bytes() == before
    Path(f"{path}.lock").unlink(missing_ok=True)
    path.write_text("not a database at all, but a letter\n" * 100)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="not a catalogue") as refused:
        Catalogue.open(path, write=write)
    assert refused.value.hint
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path], "no lock file beside a file that is none of ours"


@pytest.mark.parametrize("write", [True, False])
def test_a_newer_catalogue_is_refused(path: Path, write: bool) -> None:
    _fill(path)
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    with pytest.raises(UsageError, match="newer"):
        Catalogue.open(path, write=write)


@pytest.mark.parametrize("pragma", ["user_version = 0", "application_id = 0"])
def test_an_altered_header_is_damage(path: Path, pragma: str) -> None:
    _fill(path)
    with sqlite3.connect(path) as altered:
        altered.execute(f"PRAGMA {pragma}")
    altered.close()
    for write in (True, False):
        with pytest.raises(CatalogueDamaged):
            Catalogue.open(path, write=write)
    assert not verify(path).is_sound


def test_an_older_catalogue_is_brought_up_to_date_by_a_writer_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(path)

    def second(db: object) -> None:
        db.execute("CREATE TABLE fresh (x)")  # type: ignore[attr-defined]  # a Database

    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, second))
    monkeypatch.setattr(migrations.recognise, "__defaults__", ((*MIGRATIONS, second),))
    monkeypatch.setattr(migrations.migrate, "__defaults__", ((*MIGRATIONS, second),))
    with pytest.raises(UsageError, match="older"):
        Catalogue.open(path, write=False)
    Catalogue.open(path, write=True).close()
    assert _count(path) == 3
    assert verify(path).problems == ()


def test_a_step_that_fails_leaves_no_trace(path: Path) -> None:
    _fill(path)
    db = engine.connect_writer(path)

    def failing(_: object) -> None:
        db.execute("CREATE TABLE fresh (x)")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        migrate(db, (*MIGRATIONS, failing))
    assert read_version(db) == len(MIGRATIONS)
    db.close()
    assert verify(path).problems == ()


def test_a_new_catalogue_is_whole_or_empty(tmp_path: Path) -> None:
    def failing(_: object) -> None:
        raise KeyboardInterrupt

    db = engine.connect_writer(tmp_path / "new.db")
    with pytest.raises(KeyboardInterrupt):
        migrate(db, (*MIGRATIONS, failing))
    assert read_version(db) == 0
    assert not list(db.execute("SELECT name FROM sqlite_schema"))
    db.close()


def test_a_full_disk_is_told_and_loses_nothing(path: Path) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        pages = catalogue._session.db.execute("PRAGMA page_count").fetchone()[0]
        catalogue._session.db.execute(f"PRAGMA max_page_count = {pages + 40}")
        with pytest.raises(ProvenanceError, match="disk is full") as full:
            _endlessly(catalogue, run)
        assert full.value.hint
        assert full.value.exit_code not in (5, 6)
        catalogue._session.db.execute("PRAGMA max_page_count = 1000000")
        catalogue.add(make.location("after"), "1", make.reading(1), run, NOON)
    assert verify(path).problems == ()
    with Catalogue.open(path, write=False) as catalogue:
        assert "after" in [case.location.path for case in catalogue.cases()]


def test_a_file_that_turns_read_only_is_told(path: Path) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        catalogue._session.db.execute("PRAGMA query_only = ON")
        with pytest.raises(ProvenanceError, match="cannot be written"):
            catalogue.add(make.location("a"), "1", make.reading(1), run, NOON)
        catalogue._session.db.execute("PRAGMA query_only = OFF")
    assert verify(path).problems == ()


def test_an_interrupt_in_the_middle_of_a_row_leaves_no_half(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        catalogue.add(make.location("a"), "1", make.reading(1), run, NOON)
        catalogue.flush()

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(catalogue._session.ledger, "record", interrupted)
            with pytest.raises(KeyboardInterrupt):
                catalogue.add(make.location("b", root="/fresh"), "1", make.reading(2), run, NOON)
        catalogue.add(make.location("c", root="/fresh"), "1", make.reading(3), run, NOON)
    assert verify(path).problems == ()
    assert _count(path) == 2


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as refused:
        Catalogue.open(tmp_path / "file" / "c.db", write=True)
    assert "--catalogue" in refused.value.hint


def test_odd_names_of_the_catalogue_itself(tmp_path: Path) -> None:
    for name in ("a b?c#d%20.db", "caf\udce9.db", "e'\"x.db"):
        _fill(tmp_path / name)
        assert _count(tmp_path / name) == 3


MOUNTS = rb"""21 30 0:19 / /proc rw - proc proc rw
30 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 30 0:50 / /mnt/nas rw shared:1 - nfs4 server:/export rw
41 40 0:51 / /mnt/nas/local rw - xfs /dev/sdb rw
42 30 0:52 / /mnt/my\040share rw - cifs //server/share rw
43 30 0:53 / /mnt/ssh rw - fuse.sshfs me@host: rw
44 30 0:54 / /mnt/disk rw - fuse.ntfs-3g /dev/sdc rw
45 30 0:55 / /mnt/disk rw - nfs server:/over rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/home/c.db", "ext4"), (b"/mnt/nas/c.db", "nfs4"), (b"/mnt/nasty/c.db", "ext4"),
        (b"/mnt/nas/local/c.db", "xfs"),
        (b"/mnt/my share/c.db", "cifs"), (b"/mnt/ssh/c.db", "fuse.sshfs"), (b"/mnt/disk/c.db", "nfs"),
    ],
)  # fmt: skip
def test_the_file_system_under_a_path(tmp_path: Path, path: bytes, kind: str) -> None:
    assert find_filesystem(path, MOUNTS) == kind
    table = tmp_path / "mountinfo"
    table.write_bytes(MOUNTS)
    if kind in ("ext4", "xfs"):
        refuse_network(Path(path.decode()), table)
    else:
        with pytest.raises(UsageError, match="network file system"):
            refuse_network(Path(path.decode()), table)


def test_a_mount_table_that_makes_no_sense_refuses_nothing(tmp_path: Path) -> None:
    assert find_filesystem(b"/x", b"\xff\n - \n1 2 3 - ext4\n") == ""
    refuse_network(Path("/x"), tmp_path / "nothing")


def test_a_large_file_is_checked_once_in_a_while_and_after_an_end_that_was_not_clean(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Path] = []
    monkeypatch.setattr(session, "check_structure", lambda _, path: checked.append(path))
    monkeypatch.setattr(session, "_RUNS_UNCHECKED", 3)
    for _ in range(2):
        _fill(path)
    assert len(checked) == 2, "a small file is checked with every opening"
    monkeypatch.setattr(session, "_LARGE", 0)
    counts = []
    for _ in range(6):
        checked.clear()
        _fill(path)
        counts.append(len(checked))
    assert counts == [0, 1, 0, 0, 1, 0], "with the opening after every third run"
    checked.clear()
    with path.open("ab") as file:
        file.write(bytes(4096))
    _count(path)
    assert len(checked) == 1, "another size than its header says"


def test_a_large_file_that_a_kill_left_is_checked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(path)
    monkeypatch.setattr(session, "_LARGE", 0)
    checked: list[Path] = []
    monkeypatch.setattr(session, "check_structure", lambda _, path: checked.append(path))
    copy = path.with_name("copy.db")
    with Catalogue.open(path, write=True) as writer:
        run = writer.begin_run("ingest", NOON)
        writer.add(make.location("z"), "1", make.reading(99), run, NOON)
        writer.flush()
        copy.write_bytes(path.read_bytes())
        Path(f"{copy}-wal").write_bytes(Path(f"{path}-wal").read_bytes())
    checked.clear()
    assert _count(copy) == 4
    assert checked == [copy]


def test_damage_in_a_large_file_that_was_not_checked_is_reported_when_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(path, 400)
    monkeypatch.setattr(session, "_LARGE", 0)
    data = bytearray(path.read_bytes())
    # Every page but the first, which has the schema: whatever is read is damaged.
    for start in range(4096, len(data), 4096):
        data[start : start + 64] = b"\xff" * 64
    path.write_bytes(data)
    with pytest.raises(CatalogueDamaged) as damaged:
        _count(path)
    assert damaged.value.exit_code == 5
