"""Commands that run beside a server."""

import os
import sys
import threading


def stop_with_parent(ended: threading.Event) -> None:
    """Set `ended` once standard input is closed: whoever started us held the other end of it."""

    descriptor = sys.stdin.fileno()

    def follow() -> None:
        # Not through sys.stdin: its lock, held by a thread, would make Python's own end fail.
        while os.read(descriptor, 1024):
            pass
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
