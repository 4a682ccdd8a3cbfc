"""When a delivery that failed is attempted again. Source: Standard Webhooks, "Retries"."""

from collections.abc import Callable, Sequence
from datetime import timedelta

# After the first try, the second, and so on: ten tries over three days and four hours.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIES = len(PAUSES) + 1
JITTER = 0.1  # of a pause, more or less: so that what failed together does not come together


def pause_after(
    tries: int, random: Callable[[], float], pauses: Sequence[timedelta] = PAUSES
) -> timedelta | None:
    """How long to wait after so many tries; None when there have been enough.

    random: gives a number from 0 to 1.
    """
    if tries > len(pauses):
        return None
    return pauses[tries - 1] * (1 + JITTER * (2 * random() - 1))
