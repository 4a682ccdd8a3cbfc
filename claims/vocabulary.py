"""The closed words of the record, and the rules that are made of them alone."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import TextChoices


class Kind(TextChoices):
    STATEMENT = "statement"
    FACT = "fact"


class Speech(TextChoices):
    """How a statement is quoted: in the speaker's words, or retold."""

    DIRECT = "direct"
    INDIRECT = "indirect"


class ValueType(TextChoices):
    DATE = "date"
    QUANTITY = "quantity"
    ENTITY = "entity"
    TEXT = "text"


class SpeakerType(TextChoices):
    PERSON = "person"
    ORGANIZATION = "organization"


class Outcome(TextChoices):
    VERIFIED = "verified"
    DISPUTED = "disputed"
    INCONCLUSIVE = "inconclusive"
    WITHDRAWN = "withdrawn"


class Status(TextChoices):
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    DISPUTED = "disputed"
    INCONCLUSIVE = "inconclusive"
    CONTESTED = "contested"


class Stance(TextChoices):
    SUPPORTS = "supports"
    REFUTES = "refutes"
    CONTEXT = "context"


class RelationType(TextChoices):
    """What people decide about a pair of claims; how the one that is named first is to the other.

    narrows: says the same more precisely, or of a part. updates: was true later. Of the others it
    does not matter which claim is named first.
    """

    SAME = "same"
    NOT_THE_SAME = "not_the_same"
    CONTRADICTS = "contradicts"
    NARROWS = "narrows"
    UPDATES = "updates"
    TRANSLATION_OF = "translation_of"
    WITHDRAWN = "withdrawn"


class ConflictState(TextChoices):
    """How the worst pair of a conflict stands, the worst first.

    verified: both facts are. open: neither is disputed. settled: one of them is.
    """

    VERIFIED = "verified"
    OPEN = "open"
    SETTLED = "settled"

    @property
    def rank(self) -> int:
        """As the database has it: higher is worse."""
        return 2 - list(ConflictState).index(self)


class AnchorState(TextChoices):
    """Where a passage stands in the newest text of its article."""

    EXACT = "exact"
    MOVED = "moved"
    LOST = "lost"
    UNCHECKED = "unchecked"


class Role(TextChoices):
    """What a member may do; each may all that the ones before it may."""

    READER = "reader"
    CHECKER = "checker"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class ReviewPolicy(TextChoices):
    """Who has to confirm a verdict of an organization before it stands: nobody, any other member
    who may judge, or another one who is at least an editor."""

    NONE = "none"
    SECOND_MEMBER = "second_member"
    EDITOR = "editor"


class DraftState(TextChoices):
    """open: waits for somebody to confirm it. returned: waits for its author. The others end it."""

    OPEN = "open"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class StepType(TextChoices):
    """What was done to a draft."""

    EDITED = "edited"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Party(TextChoices):
    """Who contests a verdict, by their own account, which nobody has proved."""

    READER = "reader"
    SPEAKER = "speaker"


class ContestReason(TextChoices):
    """What is held to be wrong with a verdict.

    not_said: the statement was not made, or not so. wrong_speaker: somebody else made it. misread:
    the claim means something else where it stands. factual_error: the rationale is mistaken.
    weak_evidence: what it rests on does not bear it. new_evidence: something was left out, or came
    later. outdated: it was right once. rating: outcome or label do not follow from the rationale.
    """

    NOT_SAID = "not_said"
    WRONG_SPEAKER = "wrong_speaker"
    MISREAD = "misread"
    FACTUAL_ERROR = "factual_error"
    WEAK_EVIDENCE = "weak_evidence"
    NEW_EVIDENCE = "new_evidence"
    OUTDATED = "outdated"
    RATING = "rating"
    OTHER = "other"


class ContestState(TextChoices):
    """What became of a contest.

    upheld: it was looked into, and the verdict stays. corrected: a new verdict answers it.
    rejected: it was not looked into, as it gives nothing to be looked into.
    """

    OPEN = "open"
    UPHELD = "upheld"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class Scope(TextChoices):
    READ = "read"
    WRITE = "write"


class ChangeType(TextChoices):
    PUBLISHER_CREATED = "publisher.created"
    PUBLISHER_EDITED = "publisher.edited"
    ARTICLE_CREATED = "article.created"
    ARTICLE_EDITED = "article.edited"
    SNAPSHOT_CAPTURED = "snapshot.captured"
    SPEAKER_CREATED = "speaker.created"
    SPEAKER_EDITED = "speaker.edited"
    CLAIM_CREATED = "claim.created"
    CLAIM_EDITED = "claim.edited"
    APPEARANCE_ADDED = "appearance.added"
    APPEARANCE_REANCHORED = "appearance.reanchored"
    VERDICT_ISSUED = "verdict.issued"
    VERDICT_WITHDRAWN = "verdict.withdrawn"
    RELATION_DECIDED = "relation.decided"
    RELATION_WITHDRAWN = "relation.withdrawn"
    DRAFT_CREATED = "draft.created"
    DRAFT_EDITED = "draft.edited"
    DRAFT_RETURNED = "draft.returned"
    DRAFT_CONFIRMED = "draft.confirmed"
    DRAFT_WITHDRAWN = "draft.withdrawn"
    CONTEST_FILED = "contest.filed"
    CONTEST_RESOLVED = "contest.resolved"
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_EDITED = "organization.edited"
    ORGANIZATION_SCALE_CHANGED = "organization.scale_changed"
    MEMBER_ADDED = "member.added"
    MEMBER_EDITED = "member.edited"
    MEMBER_ERASED = "member.erased"
    INVITATION_CREATED = "invitation.created"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_ACCEPTED = "invitation.accepted"
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_EDITED = "webhook.edited"
    LOG_KEY_ADDED = "log.key_added"


class Priority(TextChoices):
    """How urgent an editor finds what waits in the queue, whatever else speaks for it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class ItemState(TextChoices):
    """How a claim stands in the queue of an organization.

    waiting: nobody has it. done: its verdict was issued. dropped: an editor took it out.
    """

    WAITING = "waiting"
    ASSIGNED = "assigned"
    DONE = "done"
    DROPPED = "dropped"


class Move(TextChoices):
    """What happened to an item of a queue. queued, requested: somebody asked for it.

    contested: somebody from outside contests the verdict that stands. answered: the organization
    has decided about that.
    """

    QUEUED = "queued"
    REQUESTED = "requested"
    CONTESTED = "contested"
    ANSWERED = "answered"
    ASSIGNED = "assigned"
    RELEASED = "released"
    EDITED = "edited"
    DONE = "done"
    DROPPED = "dropped"


ASKING = frozenset({Move.QUEUED, Move.REQUESTED})


class PlaceRule(NamedTuple):
    """By how many days one more puts an item forward, and by how many all do at most."""

    days: int
    most: int


# The places in a queue, all of them in days: an item goes before those that it is ahead of, and
# waiting for a day puts it forward by one. Beside that:
REACH = PlaceRule(days=3, most=30)  # for each publisher after the first that carries the claim
APPEARANCES = PlaceRule(days=1, most=10)  # for each passage with it after the first
REQUESTS = PlaceRule(days=7, most=28)  # for each member who asked for it after the first
CONTESTS = PlaceRule(days=30, most=90)  # for each open contest of the organization's verdict on it
DUE_AHEAD = 30  # it counts at least as one that is queued so many days before it is due
PRIORITY_DAYS = {
    Priority.LOW: -30,
    Priority.NORMAL: 0,
    Priority.HIGH: 30,
    Priority.URGENT: 365,
}


class PauseReason(TextChoices):
    """Why a webhook is not called: its owner, or what its address answered."""

    OWNER = "owner"
    GONE = "gone"
    FAILING = "failing"
    SECRET_LOST = "secret_lost"  # noqa: S105  (a reason, no secret)


class DeliveryState(TextChoices):
    """Parked: given up after the last try, until a replay."""

    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"


class AttemptError(TextChoices):
    """Why a webhook gave no HTTP status."""

    BAD_URL = "bad_url"
    ADDRESS_REFUSED = "address_refused"
    NAME_NOT_FOUND = "name_not_found"
    NO_CONNECTION = "no_connection"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    BROKEN_ANSWER = "broken_answer"


class NoticeKind(TextChoices):
    """Of what a member is told by e-mail.

    assignment: somebody gave them an item of the queue. mention: in a note. return: of their draft.
    overdue: an item that they have was due. digest: what waits for them, once a day.
    """

    ASSIGNMENT = "assignment"
    MENTION = "mention"
    RETURN = "return"
    OVERDUE = "overdue"
    DIGEST = "digest"


class NoticeState(TextChoices):
    """dropped: there was nothing to send any more, or nobody to send it to."""

    PENDING = "pending"
    SENT = "sent"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


class NoticeReason(TextChoices):
    """Why a notice was not sent, or not yet. The first five are dropped."""

    NO_MAIL_SERVER = "no_mail_server"  # none is set
    NO_ADDRESS = "no_address"  # not a member any more, or without an e-mail address
    SWITCHED_OFF = "switched_off"
    NOTHING_TO_SAY = "nothing_to_say"  # it is so no more: the item is done, the draft edited
    STALE = "stale"  # too old to be news
    NO_CONNECTION = "no_connection"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    SERVER_REFUSED = "server_refused"  # us: our name, our password, our address
    DEFERRED = "deferred"  # the server asks to try again later
    ADDRESS_REFUSED = "address_refused"  # for good
    MAIL_REFUSED = "mail_refused"  # for good
    FAULT = "fault"  # of ours


# An organization's own business: everybody sees that it happened, its members alone who did it, and
# of these, who is at least this the document: whoever may read the row itself.
INTERNAL = {
    ChangeType.DRAFT_CREATED: Role.READER,
    ChangeType.DRAFT_EDITED: Role.READER,
    ChangeType.DRAFT_RETURNED: Role.READER,
    ChangeType.DRAFT_CONFIRMED: Role.READER,
    ChangeType.DRAFT_WITHDRAWN: Role.READER,
    ChangeType.MEMBER_ADDED: Role.READER,
    ChangeType.MEMBER_EDITED: Role.READER,
    ChangeType.MEMBER_ERASED: Role.READER,
    ChangeType.INVITATION_CREATED: Role.ADMIN,
    ChangeType.INVITATION_REVOKED: Role.ADMIN,
    ChangeType.INVITATION_ACCEPTED: Role.ADMIN,
    ChangeType.API_KEY_CREATED: Role.ADMIN,  # others read their own alone
    ChangeType.API_KEY_REVOKED: Role.ADMIN,
    ChangeType.WEBHOOK_CREATED: Role.EDITOR,
    ChangeType.WEBHOOK_EDITED: Role.EDITOR,
}


JUDGEMENTS = frozenset({Outcome.VERIFIED, Outcome.DISPUTED, Outcome.INCONCLUSIVE})


def status_of(standing: Iterable[Outcome]) -> Status:
    """The status of a claim, from the outcomes of the verdicts that stand on it.

    The database holds every claim to the same rule (`claim_status_follows_verdicts`).
    """
    outcomes = set(standing)
    decided = outcomes - {Outcome.INCONCLUSIVE}
    if not outcomes:
        return Status.UNVERIFIED
    if not decided:
        return Status.INCONCLUSIVE
    if len(decided) > 1:
        return Status.CONTESTED
    return Status(decided.pop())
