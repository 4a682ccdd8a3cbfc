"""A server in a thread of the test, on the test's own database: for clients that are programs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test.testcases import LiveServerThread, _StaticFilesHandler


@contextmanager
def served() -> Iterator[str]:
    """Its address. What it is to show has to be committed."""
    thread = LiveServerThread("127.0.0.1", _StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://127.0.0.1:{thread.port}/"
    finally:
        thread.terminate()
