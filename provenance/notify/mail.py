"""News of a night by e-mail, over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from provenance.errors import ProvenanceError, UsageError
from provenance.notify.address import SECONDS
from provenance.notify.notice import Notice
from provenance.secret_file import read_secret
from provenance.settings import SMTP_PASSWORD_VARIABLE, Notify, SmtpSecurity

_HERE = ("127.0.0.1", "::1", "localhost")
"""Mail servers to which a password may go without encryption: that of this machine."""


def load_password(settings: Notify, value: str) -> str:
    """The password in the environment, which wins, or in a file that only its owner may read; empty without a user.

    Raises `UsageError` when there is a user and no password, and for a file that others may read.
    """
    if settings.smtp_user is None or value:
        return value
    if settings.smtp_password_file is None:
        raise UsageError(
            "smtp_user is set, and there is no password", f"set smtp_password_file, or ${SMTP_PASSWORD_VARIABLE}"
        )
    hint = "write the password into it, and: chmod 600"
    raw = read_secret(settings.smtp_password_file, hint, "get a new password")
    return raw.decode("utf-8", "replace").strip("\r\n")


def build_mail(notice: Notice, settings: Notify, now: datetime) -> EmailMessage:
    """The mail. Only its body has text from files; the program writes every header, and nobody answers to it."""
    mail = EmailMessage()
    sender = settings.email_from or settings.email[0]
    mail["From"] = f"provenance <{sender}>"
    mail["To"] = ", ".join(settings.email)
    mail["Subject"] = " ".join(notice.title.split())
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    lines = [*notice.facts]
    if settings.names and notice.text:
        lines += ["", *notice.text]
    mail.set_content("\n".join(lines) + "\n", charset="utf-8", cte="quoted-printable")
    return mail


def send(mail: EmailMessage, settings: Notify, password: str, machine: str) -> None:
    """Hand the mail to the server. Raises `ProvenanceError` unless it was taken for everybody."""
    host = settings.smtp_host or ""
    is_plain = settings.smtp_security is SmtpSecurity.NONE
    if settings.smtp_user is not None and is_plain and host not in _HERE:
        raise UsageError(f"no password is sent to {host} without encryption", "set smtp_security = 'starttls'")
    try:
        with _connect(settings, machine) as server:
            if settings.smtp_user is not None:
                server.login(settings.smtp_user, password)
            refused = server.send_message(mail)
    except (smtplib.SMTPException, OSError, ValueError) as fault:
        # `from None`: a fault of the library may quote what was sent, the password among it.
        raise ProvenanceError(f"{host} {_explain(fault)}") from None
    if refused:
        raise ProvenanceError(f"{host} takes no mail for {', '.join(sorted(refused))}")


def _connect(settings: Notify, machine: str) -> smtplib.SMTP:
    """A connection, encrypted as the settings ask for, with a certificate that was verified."""
    host, security = settings.smtp_host or "", settings.smtp_security
    port = settings.smtp_port or security.port
    # The name for the greeting is given, because looking it up asks the network.
    greeting = machine.encode("ascii", "ignore").decode() or "localhost"
    context = ssl.create_default_context()
    if security is SmtpSecurity.TLS:
        return smtplib.SMTP_SSL(host, port, greeting, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, port, greeting, timeout=SECONDS)
    if security is SmtpSecurity.STARTTLS:
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "did not accept the user and password"),
    (smtplib.SMTPRecipientsRefused, "takes mail for none of the addresses"),
    (smtplib.SMTPNotSupportedError, "does not offer what the settings ask for: encryption or login"),
    (TimeoutError, f"did not answer within {SECONDS:.0f} seconds"),
)
"""What faults of the library mean, the special ones first."""


def _explain(fault: Exception) -> str:
    """What went wrong, without the text of the server, who is somebody else."""
    for kind, reason in _REASONS:
        if isinstance(fault, kind):
            return reason
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"answered with {fault.smtp_code}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"has no valid certificate: {fault.verify_message}"
    if isinstance(fault, smtplib.SMTPException):
        return f"broke off ({type(fault).__name__})"
    if isinstance(fault, OSError) and fault.strerror:
        return f"did not answer: {fault.strerror}"
    return f"did not answer: {type(fault).__name__}"
