"""The worker that mails notices: finds what time has brought, sends what waits, keeps what came.

Each step with the database is one short transaction, and none is open while a mail is sent, so a
mail server that hangs holds nothing but this worker. A notice is marked as sent after the server
has taken it: whoever is killed in between sends it once more, with the same Message-ID.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from claims.actions.notices import settings_of
from claims.delivery.letters import Writer, together
from claims.delivery.mailing import FOR_GOOD, OF_THE_SERVER, WHOLE, Mailbag
from claims.delivery.schedule import pause_after
from claims.delivery.worker import utc_now
from claims.models import Member, Notice, NoticeSettings, QueueItem, Session
from claims.models.notice import USUAL_HOUR
from claims.queries.noticing import addressed, with_what_they_are_about
from claims.vocabulary import NoticeKind, NoticeReason, NoticeState

POLL = 2.0  # seconds between looks for what waits
LOOK_EVERY = 30.0  # seconds between looks for what time has brought
BATCH = 20  # notices that are leased at a time, and those that go with them
LEASE = timedelta(seconds=180)  # longer than a mail can take
LATE = timedelta(days=7)  # what was due longer ago is in the digest alone
KEPT_FOR = timedelta(days=90)  # after which what was settled is forgotten
CLEARED = 1_000  # rows at a time
NO_SERVER = "django.core.mail.backends.dummy.EmailBackend"

# After the first try, the second, and so on: nine tries in a day.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
NEWS_FOR = timedelta(days=3)
DIGEST_FOR = timedelta(hours=20)  # the next one is near then

logger = logging.getLogger(__name__)


class Postman:
    """Mails notices until it is told to end. Any number of them can work beside each other.

    clock, random: injected by tests. gathers: whether what was just written waits a moment for
    more of its kind.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        random: Callable[[], float] = random.random,
        gathers: bool = True,
        ended: threading.Event | None = None,
    ) -> None:
        self.clock, self.random, self.gathers = clock, random, gathers
        self.ended = ended or threading.Event()
        self.bag = Mailbag()
        self.sent = 0  # mails that the server took
        self._looked_at: float | None = None

    def run(self) -> None:
        """Raises what the database raises: run it again then."""
        while not self.ended.is_set():
            if not self.step():
                self.bag.close()
                self.ended.wait(POLL)
        self.bag.close()

    def once(self) -> int:
        """Send all that waits, and end; how many mails the server took."""
        self._looked_at = None
        before = self.sent
        while self.step() and not self.ended.is_set():
            pass
        self.bag.close()
        return self.sent - before

    def step(self) -> bool:
        """Send some of what waits; whether there was any."""
        if self._looked_at is None or time.monotonic() - self._looked_at >= LOOK_EVERY:
            self._looked_at = time.monotonic()
            look_at_the_clock(self.clock())
        leased = lease(self.clock(), gathers=self.gathers)
        until = time.monotonic() + LEASE.total_seconds() - WHOLE
        away: NoticeReason | None = None  # why the server cannot be used just now
        for mail, notices in together(leased).items():
            if self.ended.is_set() or time.monotonic() > until:
                give_back(notices)
                continue
            away = self.settled(mail, notices, away)
        return bool(leased)

    def settled(
        self, mail: UUID, notices: Sequence[Notice], away: NoticeReason | None
    ) -> NoticeReason | None:
        """Send one mail, and keep what came of it. away, and the answer: as in `step`."""
        now = self.clock()
        [first, *_others] = notices
        try:
            message = written(mail, notices, now)
        except DatabaseError:
            raise
        except Exception:  # a fault of ours, which must not keep the others waiting
            logger.exception("a notice cannot be written: %s", mail)
            settle(notices, NoticeState.GIVEN_UP, now, reason=NoticeReason.FAULT)
            return away
        if isinstance(message, NoticeReason):
            settle(notices, NoticeState.DROPPED, now, reason=message)
            return away
        reason = away or self.bag.send(message, self.ended)
        now = self.clock()
        if reason is None:
            self.sent += 1
            settle(notices, NoticeState.SENT, now)
            return None
        pause = pause_after(first.tries + 1, self.random, PAUSES)
        if reason in FOR_GOOD or pause is None:
            settle(notices, NoticeState.GIVEN_UP, now, reason=reason)
        else:
            put_off(notices, now + pause, reason=reason)
        return reason if reason in OF_THE_SERVER else None


# What time brings


def look_at_the_clock(now: datetime) -> None:
    add_overdue(now)
    add_digests(now)
    clear(now)


def add_overdue(now: datetime) -> None:
    """Of items that somebody had when they were due, once for each due date; but of those that wait
    for a decision about contests alone: the verdict has come that was due."""
    told = Notice.objects.filter(
        kind=NoticeKind.OVERDUE,
        item=OuterRef("pk"),
        member=OuterRef("assignee"),
        due_at=OuterRef("due_at"),
    )
    items = QueueItem.objects.open().filter(
        ~Exists(told),
        judged=False,
        assignee__user__isnull=False,
        due_at__lte=now,
        due_at__gt=now - LATE,
        assigned_at__lte=F("due_at"),
    )
    add(
        Notice(
            member_id=member,
            kind=NoticeKind.OVERDUE,
            item_id=item,
            due_at=due_at,
            created_at=now,
            next_attempt_at=now,
        )
        for item, member, due_at in items.values_list("pk", "assignee", "due_at")
    )


def add_digests(now: datetime) -> None:
    """For each member whose hour has come, wherever that is, once a day."""
    own = NoticeSettings.objects.exclude(off__contains=[NoticeKind.DIGEST])
    for zone, hour in {*own.values_list("time_zone", "digest_hour").distinct()}:
        due = Q(notice_settings__in=own.filter(time_zone=zone, digest_hour=hour))
        add_digests_of(due, zone, hour, now)
    usual = Q(notice_settings__isnull=True)
    add_digests_of(usual, settings.NOTICE_TIME_ZONE, USUAL_HOUR, now)


def add_digests_of(due: Q, zone: str, hour: int, now: datetime) -> None:
    there = now.astimezone(ZoneInfo(zone))
    if there.hour < hour:
        return
    told = Notice.objects.filter(kind=NoticeKind.DIGEST, member=OuterRef("pk"), day=there.date())
    members = Member.objects.filter(
        due,
        ~Exists(told),
        ended_at__isnull=True,
        user__isnull=False,
        created_at__lt=there.replace(hour=hour, minute=0, second=0, microsecond=0),
    )
    add(
        Notice(
            member_id=it,
            kind=NoticeKind.DIGEST,
            day=there.date(),
            created_at=now,
            next_attempt_at=now,
        )
        for it in members.values_list("pk", flat=True)
    )


def add(notices: Iterable[Notice]) -> None:
    """Those that another worker adds at the same moment are there once."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1_000)


def clear(now: datetime) -> None:
    """What has served its time: notices that were settled long ago, and sessions that are over."""
    over = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
    Session.objects.filter(pk__in=over.values("pk")[:CLEARED]).delete()
    old = Notice.objects.filter(settled_at__lt=now - KEPT_FOR).order_by("settled_at")
    Notice.objects.filter(pk__in=old.values("pk")[:CLEARED]).delete()


# What waits


@transaction.atomic
def lease(now: datetime, *, gathers: bool) -> list[Notice]:
    """Take some of what is due for oneself, whole mails; whoever does not settle it has lost it.

    Of a kind for one member, what is due takes along what is not yet: all of it is one mail, and
    stays so when it is tried again.
    """
    token = uuid4()
    due = Q(next_attempt_at__lte=now) if gathers else Q(next_attempt_at__lte=now) | Q(tries=0)
    # Of a mail, the first notice stands for all.
    first = Notice.objects.free(now).filter(due, Q(mail__isnull=True) | Q(mail=F("pk")))
    rows = first.order_by("next_attempt_at", "pk")
    leased: dict[UUID, Notice] = {
        it.pk: it for it in rows.select_for_update(skip_locked=True)[:BATCH]
    }
    if not leased:
        return []
    mails: dict[tuple[UUID, str], UUID] = {}
    for it in leased.values():
        if it.mail is None:
            mails.setdefault((it.member_id, it.kind), it.pk)
    for (member, kind), mail in mails.items():
        new = Notice.objects.free(now).filter(member=member, kind=kind, mail__isnull=True)
        if kind == NoticeKind.DIGEST:
            new = new.filter(pk=mail)
        pks = list(new.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Notice.objects.filter(pk__in=pks).update(mail=mail)
    ours = Q(mail__in=[*mails.values(), *(it.mail for it in leased.values() if it.mail)])
    Notice.objects.filter(ours, state=NoticeState.PENDING).update(
        lease_token=token, lease_ends_at=now + LEASE
    )
    notices = Notice.objects.filter(ours, lease_token=token).order_by("mail", "created_at", "pk")
    return list(with_what_they_are_about(notices))


def written(
    mail: UUID, notices: Sequence[Notice], now: datetime
) -> EmailMultiAlternatives | NoticeReason:
    """The mail; or why there is none: whether it is wanted is asked now, not when it happened."""
    [first, *_others] = notices
    kind = NoticeKind(first.kind)
    if settings.EMAIL_BACKEND == NO_SERVER:
        return NoticeReason.NO_MAIL_SERVER
    if first.created_at < now - (DIGEST_FOR if kind == NoticeKind.DIGEST else NEWS_FOR):
        return NoticeReason.STALE
    member = Member.objects.select_related("user", "organization").get(pk=first.member_id)
    if (address := addressed(member)) is None:
        return NoticeReason.NO_ADDRESS
    wants = settings_of(member)
    if kind in wants.off:
        return NoticeReason.SWITCHED_OFF
    return Writer(member, wants, now).mail(mail, kind, notices, address) or (
        NoticeReason.NOTHING_TO_SAY
    )


def settle(
    notices: Sequence[Notice],
    state: NoticeState,
    now: datetime,
    *,
    reason: NoticeReason | None = None,
) -> None:
    held(notices).update(
        state=state,
        reason=reason,
        tries=F("tries") + 1,
        settled_at=now,
        next_attempt_at=None,
        lease_token=None,
        lease_ends_at=None,
    )


def put_off(notices: Sequence[Notice], until: datetime, *, reason: NoticeReason) -> None:
    held(notices).update(
        reason=reason,
        tries=F("tries") + 1,
        next_attempt_at=until,
        lease_token=None,
        lease_ends_at=None,
    )


def give_back(notices: Sequence[Notice]) -> None:
    held(notices).update(lease_token=None, lease_ends_at=None)


def held(notices: Sequence[Notice]) -> QuerySet[Notice]:
    """Those of them that are ours still; another worker may have taken what we were slow with."""
    [token] = {it.lease_token for it in notices}
    return Notice.objects.filter(
        pk__in=[it.pk for it in notices], state=NoticeState.PENDING, lease_token=token
    )
