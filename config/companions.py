"""The processes that work beside the web server: each is started again when it ends."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

LOOK_EVERY = 0.2  # seconds
LONGEST_PAUSE = 10.0  # seconds before the next start of one that keeps ending
STEADY = 30.0  # seconds of life after which an end counts as the first one again
KILLED_AFTER = 10.0  # seconds that they have to end


class Companion:
    """One management command, in a process of its own."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause = 0.0

    def look_after(self) -> None:
        """Start it unless it runs, or has just ended."""
        if self.process is not None and self.process.poll() is None:
            return
        now = time.monotonic()
        if self.process is not None and now - self.started_at < self.pause:
            return
        steady = now - self.started_at > STEADY
        self.pause = 0.5 if steady or not self.pause else min(2 * self.pause, LONGEST_PAUSE)
        self.started_at = now
        # It follows its standard input: when we end, however we end, that is closed. In a session
        # of its own, it does not hear a Ctrl-C that is meant for us.
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "django", self.command, "--with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "DATABASE_POOL_SIZE": "0"},
        )

    def stop(self, until: float) -> None:
        if self.process is None:
            return
        if self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def companions(commands: Sequence[str]) -> Iterator[None]:
    """Run management commands beside what happens meanwhile."""
    ended = threading.Event()
    running = [Companion(command) for command in commands]

    def look_after() -> None:
        while True:
            for companion in running:
                companion.look_after()
            if ended.wait(LOOK_EVERY):
                return

    thread = threading.Thread(target=look_after, name="companions")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        until = time.monotonic() + KILLED_AFTER
        for companion in running:
            companion.stop(until)
