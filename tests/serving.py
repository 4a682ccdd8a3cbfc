"""A server in a thread of the test, on the test's own database: for clients that are programs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test.testcases import LiveServerThread, ThreadedWSGIServer, _StaticFilesHandler


class Prompt(LiveServerThread):
    """It looks often whether it should end."""

    class server_class(ThreadedWSGIServer):
        def serve_forever(self, poll_interval: float = 0.01) -> None:
            super().serve_forever(poll_interval)


@contextmanager
def served() -> Iterator[str]:
    """Its address. What it is to show has to be committed."""
    thread = Prompt("127.0.0.1", _StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://127.0.0.1:{thread.port}/"
    finally:
        thread.terminate()
