"""When a delivery that failed is attempted again."""

from datetime import timedelta

import pytest

from claims.delivery.schedule import JITTER, PAUSES, TRIES, pause_after


def test_about_ten_tries_over_three_days() -> None:
    assert TRIES == 10
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=3.5)
    assert list(PAUSES) == sorted(PAUSES)


@pytest.mark.parametrize("tries", range(1, TRIES))
def test_a_pause_is_more_or_less_what_the_schedule_says(tries: int) -> None:
    least, middle, most = (pause_after(tries, lambda: chance) for chance in (0.0, 0.5, 1.0))  # noqa: B023
    assert middle == PAUSES[tries - 1]
    assert least == PAUSES[tries - 1] * (1 - JITTER)
    assert most == PAUSES[tries - 1] * (1 + JITTER)


@pytest.mark.parametrize("tries", [TRIES, TRIES + 1])
def test_after_the_last_try_it_is_given_up(tries: int) -> None:
    assert pause_after(tries, lambda: 0.5) is None
