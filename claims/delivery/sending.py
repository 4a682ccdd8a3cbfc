"""One POST to a webhook, with limits on everything that its receiver decides.

The standard library's client does it: it follows no redirects, reads no proxies from the
environment, decompresses nothing, and takes a socket that is connected already, so that it is
certain whom we talk to.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from claims.delivery.targets import Refused, Target, place_of
from claims.models.webhook import LONGEST_ANSWER
from claims.vocabulary import AttemptError

CONNECTING, SILENCE, WHOLE = 5.0, 10.0, 15.0  # seconds: to connect, between bytes, for all of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt; status and answer_head, or error. seconds: how long it took."""

    seconds: float
    status: int | None = None
    answer_head: str | None = None
    error: AttemptError | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(target: Target, headers: Mapping[str, str], body: bytes, *, private: bool) -> Outcome:
    """Call a webhook. Never raises for what the receiver does, or fails to do."""
    began = time.monotonic()
    status: int | None = None
    answer_head: str | None = None
    error: AttemptError | None = None
    try:
        status, answer_head = answer_to(target, headers, body, private=private, began=began)
    except Refused as refused:
        error = refused.error
    except TimeoutError:
        error = AttemptError.TIMED_OUT
    except ssl.SSLError:
        error = AttemptError.TLS_FAILED
    except ConnectionRefusedError:
        error = AttemptError.NO_CONNECTION
    except (OSError, http.client.HTTPException, ValueError):
        error = AttemptError.BROKEN_ANSWER
    seconds = time.monotonic() - began
    if error is not None and error != AttemptError.ADDRESS_REFUSED and seconds >= WHOLE:
        error = AttemptError.TIMED_OUT  # the watchdog cut it off, whatever that looked like
    return Outcome(seconds, status, answer_head, error)


def answer_to(
    target: Target, headers: Mapping[str, str], body: bytes, *, private: bool, began: float
) -> tuple[int, str]:
    place = place_of(target, private=private)
    connected = connect(place.family, place.address)
    watchdog = Watchdog(connected, began + WHOLE - time.monotonic())
    try:
        if target.secure:
            connected = tls().wrap_socket(connected, server_hostname=target.host)
        connected.settimeout(SILENCE)
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = connected
        sent = {"Host": target.authority, "Connection": "close", **headers}
        connection.request("POST", target.path, body, sent)
        response = connection.getresponse()
        return response.status, head_of(response)
    finally:
        watchdog.end()
        connected.close()


def connect(family: int, address: tuple[str | int | bytes, ...]) -> socket.socket:
    """Raises OSError; of any kind, nobody was there."""
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.settimeout(CONNECTING)
        connected.connect(address)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as failed:
        connected.close()
        if isinstance(failed, TimeoutError):
            raise
        raise ConnectionRefusedError(str(failed)) from failed
    return connected


def head_of(response: http.client.HTTPResponse) -> str:
    """How the answer begins, as text; its status counts, however the rest of it ends."""
    head = b""
    # Read as it comes, so that what came before a line broke off is kept.
    with suppress(OSError, http.client.HTTPException, ValueError):
        while len(head) < LONGEST_ANSWER and (part := response.read1(LONGEST_ANSWER - len(head))):
            head += part
    return head.decode("utf-8", "replace").replace("\0", "\ufffd")


class Watchdog:
    """Cuts a connection off when its time is up, whatever the thread that uses it waits for.

    A limit between bytes alone would let a receiver send one byte at a time for ever.
    """

    def __init__(self, watched: socket.socket, seconds: float) -> None:
        # Wrapping the socket in TLS takes it away from its first owner; a copy is not.
        self._copy = watched.dup()
        self._timer = threading.Timer(max(0.0, seconds), self._cut_off)
        self._timer.daemon = True
        self._timer.start()

    def _cut_off(self) -> None:
        with suppress(OSError):  # it has ended by itself
            self._copy.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self._timer.cancel()
        self._copy.close()


@cache
def tls() -> ssl.SSLContext:
    """One for all: reading the certificates of the system takes a while."""
    return ssl.create_default_context()
