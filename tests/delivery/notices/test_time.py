"""What time brings: what is overdue, the digest of a day, and what is old."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from claims.models import Notice, QueueItem
from claims.vocabulary import NoticeKind, NoticeReason, NoticeState, ReviewPolicy
from tests import make
from tests.api.test_drafts import drafted, moved, set_policy
from tests.conftest import Api
from tests.delivery.conftest import Clock
from tests.delivery.notices.conftest import (
    SITE,
    Post,
    address,
    assign,
    news,
    queued,
    said,
    states,
    to,
    until_morning,
)


def test_who_has_what_was_due_is_told_once(
    editor: Api, people: make.Desk, clock: Clock, post: Post
) -> None:
    due = clock.now + timedelta(hours=1)
    item = queued(editor)
    assign(editor, item, people.checker, due_at=due.isoformat())
    assert len(news(post())) == 1
    [late] = news(post(hours=1))
    assert late.subject.startswith("A claim that is assigned to you is overdue: ")
    assert late.to == [address(people.checker)]
    assert news(post(hours=1)) == []
    # A new date counts anew.
    later = clock.now + timedelta(hours=1)
    edited = editor.patch(item, {"due_at": later.isoformat()}, if_match=editor.etag(item))
    assert edited.status_code == 200
    assert len(news(post(hours=2))) == 1


def test_what_was_given_to_somebody_late_is_told_once(
    editor: Api, people: make.Desk, post: Post
) -> None:
    item = queued(editor, due_at="2020-01-01T00:00:00Z")
    assign(editor, item, people.checker)
    [message] = news(post())
    assert "assigned" in message.subject


def test_items_that_are_asked_for_by_time_are_found_by_an_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = QueueItem.objects.open().filter(
            assignee__isnull=False, due_at__lte=timezone.now(), due_at__isnull=False
        )
        assert "queue_item_assigned_due" in plan.explain()


def test_what_is_judged_is_not_overdue_though_contests_keep_it_in_the_queue(
    people: make.Desk, editor: Api, clock: Clock, post: Post
) -> None:
    contested = make.verdict(make.fact(), people.editor)
    item = queued(editor, contested.claim)
    make.contest(contested)
    assign(editor, item, people.checker, due_at=(clock.now + timedelta(hours=1)).isoformat())
    make.verdict(contested.claim, people.checker)
    assert [it for it in post(hours=2) if "overdue" in it.subject] == []


def test_a_date_that_the_zone_leads_out_of_the_calendar_is_told_in_utc(
    people: make.Desk, editor: Api, post: Post
) -> None:
    said(Api(make.key(people.checker)), time_zone="Asia/Baghdad")
    assign(editor, queued(editor), people.checker, due_at="9999-12-31T23:59:59Z")
    [message] = post()
    assert "9999-12-31 23:59 (UTC)" in message.body


def test_a_digest_tells_what_waits_once_a_day_at_the_hour_of_the_member(
    people: make.Desk,
    settled_in: make.Desk,
    editor: Api,
    clock: Clock,
    post: Post,
) -> None:
    set_policy(people, ReviewPolicy.SECOND_MEMBER)
    checker = Api(make.key(people.checker))
    said(checker, time_zone="Asia/Baghdad", digest_hour=9, off=["assignment", "overdue"])
    for role in ("reader", "editor", "admin"):
        said(Api(make.key(getattr(people, role))), off=list(NoticeKind))
    clock.now = datetime.combine(clock.now.date(), datetime.min.time(), UTC) + timedelta(days=1)
    assigned, free = make.fact(text="Assigned"), make.fact(text="Free")
    item = queued(editor, assigned)
    queued(editor, free)
    assign(editor, item, people.checker, due_at=clock.now.isoformat())
    drafted(editor, make.fact(text="Of a colleague"))
    own = drafted(checker, make.fact(text="Of mine"))
    assert moved(editor, own, "return", {"reasons": "Too thin."}).status_code == 200

    [returned] = post(minutes=2)
    assert "returned your draft" in returned.subject
    assert post(hours=5, minutes=57) == []  # 08:59 in Baghdad
    [message] = post(minutes=2)
    day = clock.now.date().isoformat()
    assert message.subject == f"What waits for you, {day}"
    assert "Assigned to you: 1" in message.body
    assert f"Overdue since: {day} 03:00 (Asia/Baghdad)" in message.body
    assert "Drafts that wait for a second person: 1" in message.body
    assert "Of a colleague" in message.body
    assert "Drafts that were returned to you: 1" in message.body
    assert "In the queue, and nobody has it: 1" in message.body
    assert "Too thin" not in message.body
    assert post(hours=14) == []  # 23:01 there
    assert len(post(hours=10)) == 1  # 09:01


def test_a_digest_names_verdicts_whose_day_has_passed(
    people: make.Desk, settled_in: make.Desk, clock: Clock, post: Post
) -> None:
    claim = make.fact(text="It rains")
    checker = Api(make.key(people.checker))
    answer = checker.post(
        f"/claims/{claim.pk}/verify/", {"rationale": "Wet.", "valid_until": "2020-01-01"}
    )
    assert answer.status_code == 201, answer.content.decode()
    until_morning(clock)
    mails = post(minutes=1)
    assert address(people.reader) not in to(mails)  # who cannot judge
    [message] = [it for it in mails if it.to == [address(people.checker)]]
    assert "Verdicts to look at again: 1" in message.body
    assert "It rains" in message.body
    assert f"{SITE}/claims/{claim.pk}/" in message.body


def test_an_empty_digest_is_not_sent(
    people: make.Desk, settled_in: make.Desk, clock: Clock, post: Post
) -> None:
    make.queued(make.fact(), people.checker)  # which nobody has
    until_morning(clock)
    assert post(minutes=1) == []
    assert set(states()) == {(NoticeState.DROPPED, NoticeReason.NOTHING_TO_SAY)}


def test_what_is_old_is_no_news(editor: Api, people: make.Desk, post: Post) -> None:
    assign(editor, queued(editor), people.checker)
    assert news(post(days=4)) == []
    assert states()[0] == (NoticeState.DROPPED, NoticeReason.STALE)


def test_what_was_settled_long_ago_is_forgotten(editor: Api, people: make.Desk, post: Post) -> None:
    said(Api(make.key(people.checker)), off=["digest"])
    assign(editor, queued(editor), people.checker)
    assert len(news(post())) == 1
    post(days=91)
    assert not Notice.objects.filter(kind="assignment").exists()
