"""What a mail says: who did what, about which claim, and where to go on.

Mail is no safe place. It names colleagues and claims, which are public, and when something is due;
not what a note or a draft says, nor why a draft was returned: that is read where one has signed in.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from claims.actions.notices import token_of
from claims.formats.mail import (
    LONGEST_IN_SUBJECT,
    Entry,
    Letter,
    Section,
    as_html,
    as_text,
    quoted,
    said,
)
from claims.models import Claim, Draft, Due, Member, Note, Notice, NoticeSettings, QueueItem
from claims.queries import noticing
from claims.queries.noticing import Some, some
from claims.vocabulary import NoticeKind


class Writer:
    """Writes to one member, in the member's language and time zone, as of an instant."""

    def __init__(self, member: Member, wants: NoticeSettings, now: datetime) -> None:
        self.member, self.wants, self.now = member, wants, now
        self.zone = ZoneInfo(wants.time_zone)
        self.site: str = settings.NOTICE_SITE

    def mail(
        self, mail: UUID, kind: NoticeKind, notices: Sequence[Notice], to: str
    ) -> EmailMultiAlternatives | None:
        """The mail with these notices; None where there is nothing to say any more."""
        with translation.override(self.wants.language):
            letter = self.digest() if kind == NoticeKind.DIGEST else self.news(kind, notices)
            if letter is None:
                return None
            message = EmailMultiAlternatives(
                letter.subject, as_text(letter), to=[to], headers=self.headers(mail, letter.off)
            )
            message.attach_alternative(as_html(letter), "text/html")
            return message

    def headers(self, mail: UUID, off: str) -> dict[str, str]:
        """The same Message-ID at each attempt, by which what arrives twice is known."""
        _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        host = urlsplit(settings.PUBLIC_URL).hostname or address.rpartition("@")[2] or "localhost"
        headers = {
            "Message-ID": f"<notice.{mail}@{host}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": self.wants.language,
            "List-Unsubscribe": f"<{off}>",
        }
        if off.startswith("https:"):  # RFC 8058 asks for it
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    def letter(self, kind: NoticeKind, **parts: Any) -> Letter:
        return Letter(
            organization=self.member.organization.name,
            off=f"{self.site}/notices/off/{token_of(self.member.pk, kind)}/",
            **parts,
        )

    # Of what happened

    def news(self, kind: NoticeKind, notices: Sequence[Notice]) -> Letter | None:
        # What happened to one thing more than once is told once, as it is now.
        so = {self.thing(it).pk: it for it in notices if noticing.still_so(it)}
        if not so:
            return None
        entries = [self.entry_of(it) for it in so.values()]
        [first, *others] = so.values()
        who = self.name(first.created_by)
        if others:
            subject = heading = said(MANY[kind](), number=len(so))
        else:
            heading = said(ONE[kind](), who=who)
            claim = self.thing(first).claim
            subject = f"{heading}: {quoted(claim.text, LONGEST_IN_SUBJECT)}"
        shown = entries[: noticing.MOST]
        return self.letter(
            kind,
            subject=subject,
            heading=heading,
            sections=[Section(shown, more=len(entries) - len(shown))],
        )

    def thing(self, notice: Notice) -> QueueItem | Note | Draft:
        about = notice.item or notice.note or notice.draft
        assert about is not None  # as the database holds
        return about

    def entry_of(self, notice: Notice) -> Entry:
        about = self.thing(notice)
        details = []
        if notice.created_by is not None:
            details.append(said(_("By: %(who)s"), who=self.name(notice.created_by)))
        if isinstance(about, QueueItem) and about.due_at is not None:
            details.append(said(_("Due: %(when)s"), when=self.time(about.due_at)))
        return self.entry(about.claim, self.place(about), details)

    def entry(self, claim: Claim, address: str, details: Sequence[str]) -> Entry:
        return Entry(claim.text, claim.language, details, address)

    def place(self, about: QueueItem | Note | Draft) -> str:
        api = f"{self.site}/api/v1"
        if isinstance(about, Note):
            return f"{api}/claims/{about.claim_id}/notes/{about.pk}/"
        return f"{api}/{'queue' if isinstance(about, QueueItem) else 'drafts'}/{about.pk}/"

    def name(self, member: Member | None) -> str:
        """A person may have been erased since."""
        return (member and member.name) or _("A colleague")

    def time(self, at: datetime) -> str:
        try:
            return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M} ({self.wants.time_zone})"
        except OverflowError:  # at the ends of the calendar, a zone may lead out of it
            return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} (UTC)"

    # Of what waits

    def digest(self) -> Letter | None:
        today = self.now.astimezone(self.zone).date()
        parts = [
            self.section(
                _("Assigned to you: %(number)s"),
                some(noticing.assigned_to(self.member)),
                self.item_entry,
            ),
            self.section(
                _("Drafts that wait for a second person: %(number)s"),
                some(noticing.to_confirm(self.member)),
                self.draft_entry,
            ),
            self.section(
                _("Drafts that were returned to you: %(number)s"),
                some(noticing.returned_to(self.member)),
                self.draft_entry,
            ),
            self.section(
                _("Verdicts to look at again: %(number)s"),
                some(noticing.to_look_at_again(self.member, today)),
                self.due_entry,
            ),
        ]
        sections = [it for it in parts if it.entries]
        if not sections:
            return None
        free = noticing.free_in_queue(self.member)
        remarks = [said(_("In the queue, and nobody has it: %(number)s"), number=free)]
        heading = said(_("What waits for you, %(day)s"), day=today.isoformat())
        return self.letter(
            NoticeKind.DIGEST,
            subject=heading,
            heading=heading,
            sections=sections,
            remarks=remarks if free else [],
        )

    def section(self, heading: str, found: Some, entry: Callable[[Any], Entry]) -> Section:
        return Section(
            [entry(it) for it in found.rows],
            heading=said(heading, number=found.count),
            more=found.count - len(found.rows),
        )

    def item_entry(self, item: QueueItem) -> Entry:
        details = []
        if item.due_at is not None:
            late = _("Overdue since: %(when)s") if item.due_at < self.now else _("Due: %(when)s")
            details.append(said(late, when=self.time(item.due_at)))
        return self.entry(item.claim, self.place(item), details)

    def draft_entry(self, draft: Draft) -> Entry:
        return self.entry(draft.claim, self.place(draft), [])

    def due_entry(self, due: Due) -> Entry:
        claim = due.verdict.claim
        details = [said(_("Its day: %(day)s"), day=due.due_on.isoformat())]
        return self.entry(claim, f"{self.site}/claims/{claim.pk}/", details)


# By functions, since they are said in the language of each mail.
ONE: dict[NoticeKind, Callable[[], str]] = {
    NoticeKind.ASSIGNMENT: lambda: _("%(who)s assigned a claim to you"),
    NoticeKind.MENTION: lambda: _("%(who)s mentioned you in a note"),
    NoticeKind.RETURN: lambda: _("%(who)s returned your draft"),
    NoticeKind.OVERDUE: lambda: _("A claim that is assigned to you is overdue"),
}
MANY: dict[NoticeKind, Callable[[], str]] = {
    NoticeKind.ASSIGNMENT: lambda: _("Claims that were assigned to you: %(number)s"),
    NoticeKind.MENTION: lambda: _("Notes that mention you: %(number)s"),
    NoticeKind.RETURN: lambda: _("Drafts that were returned to you: %(number)s"),
    NoticeKind.OVERDUE: lambda: _("Claims that are assigned to you and overdue: %(number)s"),
}


def together(notices: Iterable[Notice]) -> dict[UUID, list[Notice]]:
    """By the mail that they go with."""
    mails: dict[UUID, list[Notice]] = {}
    for it in notices:
        assert it.mail is not None
        mails.setdefault(it.mail, []).append(it)
    return mails
