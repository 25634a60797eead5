"""Every channel against a server on this machine: what is sent, what is refused, and that no secret is said."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.errors import ProvenanceError, UsageError
from provenance.notify import address, mail, metrics, ping, webhook
from provenance.notify.deliver import deliver
from provenance.notify.metrics import Metrics
from provenance.notify.notice import Notice
from provenance.notify.sign import Sign
from provenance.settings import Notify, SmtpSecurity, WebhookKind
from tests.notify.servers import make_certificate, serve_mail, serve_web

HOSTILE = "<!channel> *x* <https://evil.example|click> [a](https://evil.example) & @here"
NOTICE = Notice(
    "provenance: 1 finding must be resolved before delivery.",
    "done",
    1,
    "2026-11-27T02:00:00Z",
    "night-1",
    {"new": 1},
    ("Checked 1 of 1 assets.",),
    (f"new: editorial: {HOSTILE}",),
    ("New:", f"  editorial: {HOSTILE}"),
)
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
SECRET = "T0P53CR3T"


def write_secret(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def load(path: Path, text: str) -> address.Address:
    found = address.load_address(write_secret(path, text), "PROVENANCE_WEBHOOK", "")
    assert found is not None
    return found


def post(target: address.Address) -> str:
    """Why a webhook could not be told."""
    with pytest.raises(ProvenanceError) as refused:
        webhook.send(NOTICE, target, WebhookKind.GENERIC, names=True)
    assert SECRET not in f"{refused.value.message} {refused.value.hint} {target!r}"
    return refused.value.message


def test_each_kind_of_webhook_takes_names_as_text(tmp_path: Path) -> None:
    with serve_web() as web:
        target = load(tmp_path / "webhook", f"{web.address}/{SECRET}\n")
        for kind in WebhookKind:
            webhook.send(NOTICE, target, kind, names=True)
        webhook.send(NOTICE, target, WebhookKind.GENERIC, names=False)
    assert {path for path, _ in web.posts} == {f"/{SECRET}"}
    assert web.headers[0]["Content-Type"] == "application/json"
    generic, slack, teams, figures = (json.loads(body) for _, body in web.posts)
    assert generic["schema"] == "provenance-notice/1"
    assert (generic["title"], generic["exit_code"], generic["figures"]) == (NOTICE.title, 1, {"new": 1})
    assert generic["items"] == list(NOTICE.items)
    # Slack begins a mention and a link with `<` alone.
    assert "<" not in slack["text"]
    assert "&lt;!channel&gt; *x*" in slack["text"]
    assert (slack["mrkdwn"], slack["unfurl_links"]) == (False, False)
    (attachment,) = teams["attachments"]
    rows = attachment["content"]["body"]
    assert {row["type"] for row in rows} == {"RichTextBlock"}, "a TextBlock would read names as Markdown"
    assert rows[-1]["inlines"][0]["text"] == NOTICE.items[0]
    assert HOSTILE not in json.dumps(figures)


def test_a_message_is_cut_to_what_is_shown() -> None:
    long = dataclasses.replace(NOTICE, items=("x" * 400,) * 20)
    text = webhook.build_body(long, WebhookKind.SLACK, names=True)["text"]
    assert isinstance(text, str)
    assert len(text) < 3_000
    assert text.endswith("…")


def test_answers_that_are_no_success_are_said_without_the_address(tmp_path: Path) -> None:
    with serve_web() as elsewhere:
        for status in (302, 307, 404, 500):
            with serve_web(status, elsewhere.address) as web:
                said = post(load(tmp_path / "webhook", f"{web.address}/{SECRET}"))
            assert said == f"127.0.0.1 answered with {status}"
    assert elsewhere.posts == [], "a redirection would carry the news elsewhere"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert "Connection refused" in post(load(tmp_path / "webhook", f"http://127.0.0.1:{port}/{SECRET}"))


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    with serve_web(certificate=certificate) as web:
        assert "certificate" in post(load(tmp_path / "webhook", f"{web.address}/{SECRET}"))
    assert web.posts == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"hooks.example/{SECRET}",
        f"http://hooks.example/{SECRET}",
        f"ftp://hooks.example/{SECRET}",
        f"file:///{SECRET}",
        f"https://user:{SECRET}@hooks.example/",
        f"https://hooks.example:{SECRET}/",
        f"https://[{SECRET}/",
        f"https://hooks.example/{SECRET}\r\nX: y",
        f"https://hooks.example/{SECRET} https://other.example/",
        f"https://hooks.example/{SECRET}\x00",
        f"https:///{SECRET}",
    ],
)
def test_what_is_no_safe_address_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    path = write_secret(tmp_path / "webhook", text)
    with pytest.raises(UsageError) as refused:
        address.load_address(path, "PROVENANCE_WEBHOOK", "")
    assert path in refused.value.message
    assert SECRET not in f"{refused.value.message} {refused.value.hint}"


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "webhook"
    write_secret(path, "https://hooks.example/x")
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(UsageError, match="may be read or changed by others"):
            address.load_address(str(path), "PROVENANCE_WEBHOOK", "")
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(UsageError, match="is a link"):
        address.load_address(str(tmp_path / "link"), "PROVENANCE_WEBHOOK", "")
    assert address.load_address(str(path), "PROVENANCE_WEBHOOK", "https://env.example/x") is not None


def test_a_ping_is_one_request_for_each_sign(tmp_path: Path) -> None:
    with serve_web() as web:
        target = load(tmp_path / "ping", f"{web.address}/ping/uuid/?rid=1")
        for sign in Sign:
            ping.send(sign, f"exit code 0; {sign.name}", target)
    paths = [path for path, _ in web.posts]
    assert paths == ["/ping/uuid/start?rid=1", "/ping/uuid/?rid=1", "/ping/uuid/fail?rid=1"]
    assert web.posts[1][1] == b"exit code 0; SUCCESS"


SETTINGS = Notify(
    email=("legal@example.org", "edit@example.org"), smtp_host="127.0.0.1", smtp_security=SmtpSecurity.NONE
)


def send(settings: Notify, port: int, notice: Notice = NOTICE, password: str = "") -> None:
    settings = dataclasses.replace(settings, smtp_port=port)
    mail.send(mail.build_mail(notice, settings, NOW), settings, password, "night-1")


def test_a_mail_has_headers_of_ours_and_names_in_its_body_alone() -> None:
    notice = dataclasses.replace(NOTICE, title="line\r\nBcc: evil@example.org", text=("Bcc: you\u202e é 海",))
    with serve_mail() as box:
        send(SETTINGS, box.port, notice)
        send(dataclasses.replace(SETTINGS, names=False), box.port)
    got = email.message_from_bytes(box.mails[0], policy=email.policy.default)
    assert got["Subject"] == "line Bcc: evil@example.org"
    assert got["Bcc"] is None
    assert (got["To"], got["From"]) == ("legal@example.org, edit@example.org", "provenance <legal@example.org>")
    assert got["Auto-Submitted"] == "auto-generated"
    assert "Bcc: you\u202e é 海" in got.get_content()
    assert b"evil.example" not in box.mails[1]
    assert sum(line.startswith("rcpt TO") for line in box.lines) == 4


def test_what_a_mail_server_refuses_is_said(tmp_path: Path) -> None:
    secret = write_secret(tmp_path / "password", f"{SECRET}\n")
    user = dataclasses.replace(SETTINGS, smtp_user="night", smtp_password_file=secret)
    encrypted = dataclasses.replace(user, smtp_security=SmtpSecurity.STARTTLS)
    password = mail.load_password(user, "")
    assert password == SECRET
    assert mail.load_password(user, "other") == "other"
    with pytest.raises(UsageError, match="there is no password"):
        mail.load_password(dataclasses.replace(user, smtp_password_file=None), "")
    with pytest.raises(UsageError, match="without encryption"):
        send(dataclasses.replace(user, smtp_host="mail.example"), 25, password=password)
    certificate = make_certificate(tmp_path / "server.pem")
    with serve_mail(offers=("AUTH PLAIN",), refuses="edit@") as box:
        assert "takes no mail for edit@example.org" in fail(SETTINGS, box.port, "")
        assert "did not accept" in fail(user, box.port, password)
        assert "does not offer" in fail(encrypted, box.port, password), "no password without encryption"
    with serve_mail(offers=("STARTTLS", "AUTH PLAIN"), certificate=certificate) as box:
        assert "no valid certificate" in fail(encrypted, box.port, password)
    assert not any(line.startswith("AUTH") for line in box.lines)


def fail(settings: Notify, port: int, password: str) -> str:
    with pytest.raises(ProvenanceError) as refused:
        send(settings, port, password=password)
    assert SECRET not in refused.value.message
    assert "a secret of the server" not in refused.value.message
    return refused.value.message


def test_metrics_are_whole_and_keep_the_last_success(tmp_path: Path) -> None:
    path = tmp_path / "provenance.prom"
    done = Metrics(1_000.0, True, 1, 2.5, {"new": 3}, 4_096, {"block": 1}, {"slow": 0}, 8_192)
    metrics.write(done, str(path))
    first = path.read_text()
    for line in (
        "provenance_last_run_timestamp_seconds 1000",
        "provenance_last_success_timestamp_seconds 1000",
        "provenance_exit_code 1",
        "provenance_duration_seconds 2.500",
        'provenance_files{state="new"} 3',
        "provenance_bytes_read 4096",
        'provenance_findings{severity="block"} 1',
        'provenance_troubles{cause="slow"} 0',
        "provenance_catalogue_bytes 8192",
    ):
        assert f"\n{line}\n" in first
    assert path.stat().st_mode & 0o777 == 0o644
    metrics.write(Metrics(2_000.0, False, 5, 1.0), str(path))
    second = path.read_text()
    assert "provenance_last_run_timestamp_seconds 2000\n" in second
    assert "provenance_last_success_timestamp_seconds 1000\n" in second
    assert "provenance_files" not in second, "what is not known is no zero"
    assert [file.name for file in tmp_path.iterdir()] == ["provenance.prom"]
    with pytest.raises(ProvenanceError, match="was not written"):
        metrics.write(done, str(tmp_path / "none" / "x.prom"))


def test_no_channel_holds_up_the_others() -> None:
    taken: list[str] = []

    def hang() -> None:
        time.sleep(30)

    def break_down() -> None:
        raise ValueError(SECRET)

    channels: dict[str, Callable[[], None]] = {"slow": hang, "broken": break_down, "good": lambda: taken.append("x")}
    began = time.monotonic()
    results = deliver(channels, seconds=0.3)
    assert time.monotonic() - began < 10
    assert results == {
        "slow": "no answer within 0 seconds",
        "broken": "internal error: ValueError",
        "good": "",
    }
    assert taken == ["x"]
