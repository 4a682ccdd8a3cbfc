"""Commands that run beside a server."""

import sys
import threading


def stop_with_parent(ended: threading.Event) -> None:
    """Set `ended` once standard input is closed: whoever started us held the other end of it."""

    def follow() -> None:
        sys.stdin.buffer.read()
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
