"""What is not allowed, rule by rule."""

from tests.week.claims import unjudged
from tests.week.desks import set_policy
from tests.week.drafts import take_step, write_draft
from tests.week.ledger import Desk
from tests.week.queue import move_item, put_in_queue, take_next
from tests.week.state import Week
from tests.week.verdicts import UNHEARD_OF, judge, seen, send_move


def be_refused(week: Week, desk: Desk) -> None:
    """What is not allowed, rule by rule, whatever else happens in the week."""
    one, other, editor = week.colleagues(desk)
    reader, stranger = week.somebody(desk, "reader"), week.somebody(week.other(desk), "admin")
    claim = unjudged(week)
    seen(week, claim, one)
    draft = write_draft(week, one, claim, "verified")
    write_draft(week, other, claim, "verified")  # one-draft
    take_step(week, one, draft, "confirm")  # not-by-the-author
    take_step(week, other, draft, "edit")  # author-only
    take_step(week, reader, draft, "confirm")  # role
    take_step(week, stranger, draft, "confirm")  # not-there
    take_step(week, other, draft, "return")
    take_step(week, other, draft, "confirm")  # draft-is-returned
    take_step(week, one, draft, "edit")
    set_policy(week, desk, "editor")
    take_step(week, other, draft, "confirm")  # editor-confirms
    judge(week, one, claim, "dispute", "now")  # review-required
    take_step(week, editor, draft, "confirm")
    take_step(week, one, draft, "withdraw")  # draft-is-closed
    set_policy(week, desk, "none")
    judge(week, other, claim, "dispute", "nothing")  # unread
    judge(week, other, claim, "dispute", "earlier")  # stale
    body = {"rationale": "It was not.", "label": UNHEARD_OF}
    answer = send_move(week, other, claim, "dispute", body, if_match=seen(week, claim, other))
    week.refused(answer, "label-not-on-scale", other)
    judge(week, other, claim, "dispute", "now")
    judge(week, one, claim, "withdraw", "now")
    judge(week, one, claim, "withdraw", "now")  # nothing-stands
    hollow = write_draft(week, one, claim, "withdrawn")
    take_step(week, other, hollow, "confirm")  # nothing-stands
    take_step(week, one, hollow, "withdraw")
    while week.reckoned.waiting(desk):
        take_next(week, other)
    take_next(week, other)  # nothing-waits
    put_in_queue(week, one, claim)
    take_next(week, one)
    [item] = [it for it in week.reckoned.queue(desk) if it.claim is claim]
    move_item(week, other, item, "take")  # a-colleague-has-it
    move_item(week, other, item, "release")  # not-yours
    judge(week, one, claim, "verify", "now")
    move_item(week, other, item, "take")  # out-of-the-queue
