"""One mail to the mail server, with a limit on how long it may take.

Django's backends do it. Their time limit is for each answer of the server, so that one which sends
a byte now and then would hold us for ever: each mail goes by a thread that is not waited for longer
than WHOLE.
"""

import logging
import os
import smtplib
import ssl
import threading
import time
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from claims.vocabulary import NoticeReason

WHOLE = 45.0  # seconds for one mail
GRACE = 6.0  # the same once the worker is to end
LOOK_EVERY = 0.2  # seconds between looks whether it is

# After these the next mail of the same connection would not fare better.
OF_THE_SERVER = frozenset(
    {
        NoticeReason.NO_CONNECTION,
        NoticeReason.TLS_FAILED,
        NoticeReason.TIMED_OUT,
        NoticeReason.SERVER_REFUSED,
    }
)
# After these the same mail would not fare better another time.
FOR_GOOD = frozenset({NoticeReason.ADDRESS_REFUSED, NoticeReason.MAIL_REFUSED, NoticeReason.FAULT})

logger = logging.getLogger(__name__)


class Mailbag:
    """Sends mails over one connection, which is opened anew after each failure."""

    def __init__(self) -> None:
        self.backend: Any = None

    def send(self, message: EmailMultiAlternatives, ended: threading.Event) -> NoticeReason | None:
        """None when the server has taken it. Never raises for what the server does."""
        if self.backend is None:
            self.backend = new_backend()
        failed: list[NoticeReason] = []
        sender = threading.Thread(target=attempt, args=(self.backend, message, failed), daemon=True)
        began = time.monotonic()
        sender.start()
        while sender.is_alive() and time.monotonic() - began < (GRACE if ended.is_set() else WHOLE):
            sender.join(LOOK_EVERY)
        if sender.is_alive():
            cut(self.backend)
            failed = [NoticeReason.TIMED_OUT]
        if failed:
            self.backend = None
            return failed[0]
        return None

    def close(self) -> None:
        if self.backend is not None:
            quitting = threading.Thread(target=self.backend.close, daemon=True)
            quitting.start()
            quitting.join(GRACE)
            self.backend = None


def new_backend() -> Any:
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        os.makedirs(folder, mode=0o700, exist_ok=True)
    return get_connection()


def attempt(backend: Any, message: EmailMultiAlternatives, failed: list[NoticeReason]) -> None:
    try:
        backend.open()  # Django closes what it has opened itself
        backend.send_messages([message])
    except Exception as error:
        reason = reason_of(error)
        if reason is NoticeReason.FAULT:
            logger.exception("a notice cannot be sent")
        else:
            logger.info("the mail server: %s", type(error).__name__)  # its words name people
        failed.append(reason)


def reason_of(error: Exception) -> NoticeReason:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        gone = all(code >= 500 for code in codes)
        return NoticeReason.ADDRESS_REFUSED if gone else NoticeReason.DEFERRED
    if isinstance(error, smtplib.SMTPDataError):
        gone = error.smtp_code >= 500
        return NoticeReason.MAIL_REFUSED if gone else NoticeReason.DEFERRED
    if isinstance(error, smtplib.SMTPServerDisconnected):
        if isinstance(error.__context__, TimeoutError):  # as smtplib tells of it
            return NoticeReason.TIMED_OUT
        return NoticeReason.NO_CONNECTION
    if isinstance(error, smtplib.SMTPException):
        return NoticeReason.SERVER_REFUSED
    if isinstance(error, TimeoutError):
        return NoticeReason.TIMED_OUT
    if isinstance(error, ssl.SSLError):
        return NoticeReason.TLS_FAILED
    if isinstance(error, OSError):
        return NoticeReason.NO_CONNECTION
    return NoticeReason.FAULT


def cut(backend: Any) -> None:
    """End the connection under a thread that waits for it."""
    sock = getattr(getattr(backend, "connection", None), "sock", None)
    if sock is not None:
        sock.close()
