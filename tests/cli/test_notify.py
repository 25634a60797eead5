"""Who is told of a night, and of what: news to people, every night to monitors, and a log with two lines a night."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Provenance, Said
from tests.cli.test_nights import Show
from tests.cli.test_scan import PARAMETERS, still
from tests.notify.servers import Mailbox, Web, serve_mail, serve_web

SECRET = "T0P53CR3T"


class ToldShow(Show):
    """A show of which everybody is told."""

    def __init__(self, folder: Path, provenance: Provenance, web: Web, box: Mailbox) -> None:
        super().__init__(folder, provenance)
        self.web, self.box = web, box
        self.webhook, self.metrics, self.log = folder / "webhook", folder / "night.prom", folder / "nights.log"
        for name in ("webhook", "ping"):
            (folder / name).write_text(f"{web.address}/{name}/{SECRET}\n")
            (folder / name).chmod(0o600)
        with self.config.open("a") as config:
            config.write(
                '[nightly]\nlog_file = "nights.log"\n'
                '[notify]\nwebhook_file = "webhook"\nping_file = "ping"\nmetrics = "night.prom"\n'
                f'email = "legal@example.org"\nsmtp_host = "127.0.0.1"\nsmtp_port = {box.port}\n'
                'smtp_security = "none"\n'
            )

    def text(self, *options: str) -> Said:
        return self._run("nightly", "--config", self.config, "--jobs", "1", "--only-changes", *options)

    def take(self) -> list[str]:
        """Kinds of what came over the web since the last time."""
        paths = [path.replace(f"/{SECRET}", "") for path, _ in self.web.posts]
        self.web.posts.clear()
        return paths


@pytest.fixture
def show(tmp_path: Path, provenance: Provenance, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToldShow]:
    for name in ("PROVENANCE_WEBHOOK", "PROVENANCE_PING", "PROVENANCE_SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as servers:
        web, box = servers.enter_context(serve_web()), servers.enter_context(serve_mail())
        yield ToldShow(tmp_path, provenance, web, box)


def test_people_are_told_what_is_new_and_monitors_of_every_night(show: ToldShow) -> None:
    still(show.out / "made <b>.png", PARAMETERS)
    first = show.text()
    assert first.code == 1, first.err
    assert "1 finding must be resolved" in first.out
    assert "out: made <b>.png" in first.out
    body = json.loads(next(body for path, body in show.web.posts if path.startswith("/webhook")))
    assert (body["exit_code"], body["figures"]["new"], body["figures"]["block"]) == (1, 1, 1)
    assert "new: out: made <b>.png" in body["items"]
    assert sorted(show.take()) == ["/ping", "/ping/start", "/webhook"]
    got = email.message_from_bytes(show.box.mails.pop(), policy=email.policy.default)
    assert got["Subject"].startswith("provenance: 1 finding must be resolved")
    assert "out: made <b>.png" in got.get_content()
    metrics = show.metrics.read_text()
    assert 'provenance_findings{severity="block"} 1\n' in metrics
    size = (show.out / "made <b>.png").stat().st_size
    assert int(metrics.split("provenance_bytes_read ")[-1].split()[0]) >= size

    # The second night finds the same: code 1, and no word of it.
    second = show.text("--output", f"json={show.config.parent / 'whole.json'}")
    assert (second.code, second.out, second.err) == (1, "", "")
    assert json.loads((show.config.parent / "whole.json").read_text())["summary"]["findings"]["block"] == 1
    assert sorted(show.take()) == ["/ping", "/ping/start"]
    assert show.box.mails == []
    assert 'provenance_files{state="unchanged"} 1\n' in show.metrics.read_text()

    lines = show.log.read_text().splitlines()
    assert sum("night begun: storages edit, out" in line for line in lines) == 2
    assert sum("night ended: exit code 1; " in line for line in lines) == 2
    for text in (show.log.read_text(), metrics, first.err, show.ask("show", show.out / "made <b>.png").out):
        assert SECRET not in text


def test_what_cannot_be_told_changes_no_verdict(show: ToldShow, monkeypatch: pytest.MonkeyPatch) -> None:
    show.webhook.chmod(0o644)
    (show.edit / "note.txt").write_text("note")
    show.metrics.mkdir()
    with serve_web(500) as broken:
        monkeypatch.setenv("PROVENANCE_PING", f"{broken.address}/{SECRET}")
        first = show.text()
    assert first.code == 0
    assert "new: edit: note.txt" not in first.err
    for sentence in (
        "ping: not told of this night: 127.0.0.1 answered with 500",
        "may be read or changed by others than its owner (mode 0644)",
        "night.prom was not written",
    ):
        assert sentence in first.err
        assert sentence in show.log.read_text()
    assert SECRET not in first.err + show.log.read_text()
    assert len(show.box.mails) == 1
    tried = show.text("--test-notify")
    assert (tried.code, "email: taken" in tried.out, "webhook: " in tried.out) == (4, True, True)


def test_a_night_that_ends_with_an_error_is_told(show: ToldShow) -> None:
    failed = show.text("--policy", "none-such")
    assert failed.code == 2
    assert sorted(show.take()) == ["/ping/fail", "/webhook"]
    (sent,) = show.box.mails
    assert b"exit code 2" in sent
    assert b"none-such" in sent
    assert "provenance_exit_code 2\n" in show.metrics.read_text()
    assert "provenance_last_success" not in show.metrics.read_text()
    assert "night ended without a result: exit code 2" in show.log.read_text()
    assert show.text("--summary").code == 2


def test_the_test_message_goes_everywhere_and_runs_no_night(show: ToldShow) -> None:
    tried = show.text("--test-notify")
    assert (tried.code, tried.out) == (0, "email: taken\nmetrics: taken\nping: taken\nwebhook: taken\n")
    assert sorted(show.take()) == ["/ping", "/webhook"]
    assert not show.metrics.exists()
    assert not show.catalogue.exists()
    show.config.write_text(show.config.read_text().split("[notify]")[0])
    assert "nobody is told" in show.text("--test-notify").err
