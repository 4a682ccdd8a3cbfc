"""Waiting for what must come, on a machine that may be many times slower than ours."""

import time
from collections.abc import Callable
from typing import Any

# Seconds. It only ends what hangs; some runs of CI take 30 for what takes one elsewhere.
PATIENCE = 120


def until(true: Callable[[], Any], told: Callable[[], Any] = lambda: "this took too long") -> None:
    """Wait for it, and fail with what `told` gives where it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, told()
        time.sleep(0.02)
