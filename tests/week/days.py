"""The week itself: what happens on each of its days, by chance and for certain."""

from collections.abc import Callable
from typing import Any

from tests.week.claims import file_article, unjudged
from tests.week.contests import be_contested
from tests.week.desks import remove_somebody, set_policy, set_scale
from tests.week.drafts import handle_some_draft, write_draft
from tests.week.ledger import Desk
from tests.week.people import open_both_desks
from tests.week.queue import handle_some_item, put_in_queue, take_next, write_note
from tests.week.races import (
    disagree,
    race_for_a_draft,
    race_for_a_verdict,
    race_for_the_queue,
    race_with_the_policy,
)
from tests.week.refusals import be_refused
from tests.week.state import Week
from tests.week.verdicts import correct_verdict, judge

# What a desk rates by: first without numbers, then with.
PLAIN = (
    {"labels": {"en": "So it is", "ckb": "وایە"}, "outcome": "verified"},
    {"labels": {"en": "Not so"}, "outcome": "disputed"},
)
NUMBERED = (
    {"labels": {"en": "So it is"}, "outcome": "verified", "worst": 1, "best": 3, "value": 3},
    {"labels": {"en": "Half so"}, "outcome": "disputed", "worst": 1, "best": 3, "value": 2},
    {"labels": {"en": "Not so"}, "outcome": "disputed", "worst": 1, "best": 3, "value": 1},
)
STEPS_A_DAY = 35
LAST = 6


def play(week: Week) -> None:
    open_both_desks(week)
    marshes, mountains = week.desks
    once: dict[int, list[Callable[[], Any]]] = {
        0: [
            lambda: set_policy(week, mountains, "second_member"),
            lambda: race_for_a_verdict(week, marshes),
        ],
        1: [lambda: race_for_a_draft(week, mountains), lambda: race_for_the_queue(week)],
        2: [
            lambda: set_policy(week, mountains, "none"),
            lambda: set_scale(week, mountains, PLAIN),
            lambda: disagree(week),
            lambda: race_with_the_policy(week, marshes, "second_member"),
        ],
        3: [lambda: remove_somebody(week, marshes), lambda: race_for_the_queue(week)],
        4: [
            lambda: set_policy(week, marshes, "editor"),
            lambda: race_for_a_draft(week, marshes),
            lambda: be_refused(week, mountains),
            lambda: set_scale(week, mountains, NUMBERED),
        ],
        5: [
            lambda: set_policy(week, marshes, "none"),
            lambda: correct_verdict(week, disagree(week)),
            lambda: be_contested(week, mountains),
            lambda: race_for_the_queue(week),
        ],
        6: [
            lambda: disagree(week),
            lambda: race_with_the_policy(week, mountains, "editor"),
            lambda: race_for_a_draft(week, mountains),
            lambda: put_in_queue(week, week.somebody(mountains, "checker"), unjudged(week)),
        ],
    }
    for week.day in range(LAST + 1):
        for _number in range(2):
            file_article(week, week.somebody(week.chance.choice(week.desks), "checker", "editor"))
        # Whatever happens once happens at some hour of its day, in its order.
        day = range(STEPS_A_DAY + len(once[week.day]))
        hours = week.chance.sample(day, len(once[week.day]))
        certain = iter(once[week.day])
        for hour in day:
            if hour in hours:
                next(certain)()
            else:
                act(week)
        if week.day == LAST:
            end(week, mountains)
        week.evenings[week.settled()] = {
            claim.id: claim.status for claim in week.reckoned.claims.values()
        }


def end(week: Week, desk: Desk) -> None:
    """Whoever won the races, there are verdicts of both desks in the end, to be compared.

    desk: the one that asked for a second reviewer meanwhile.
    """
    set_policy(week, desk, "none")
    for _number in range(3):
        disagree(week)


def act(week: Week) -> None:
    """Somebody does something."""
    by = week.chance.choice(week.people)
    if by.left and week.chance.random() < 0.7:
        return
    doing = week.chance.choices(
        (
            file_article,
            judge,
            write_draft,
            handle_some_draft,
            put_in_queue,
            take_next,
            handle_some_item,
            write_note,
        ),
        (1, 8, 5, 9, 8, 2, 4, 1),
    )
    doing[0](week, by)
