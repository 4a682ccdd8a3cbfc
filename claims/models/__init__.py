from claims.models.api_key import ApiKey
from claims.models.appearance import Anchor, Appearance, Relay
from claims.models.article import Article
from claims.models.change import Change
from claims.models.claim import Assertion, Claim
from claims.models.content import Content
from claims.models.contest import Contest
from claims.models.correction import Correction
from claims.models.draft import Draft, DraftStep
from claims.models.due import Due
from claims.models.extent import Extent
from claims.models.housekeeping import DossierEntry, IdempotencyKey, ImportedClaim, RateCount
from claims.models.invitation import Invitation
from claims.models.listing import ALL, Listing
from claims.models.log import Checkpoint, LogEntry, LogKey, Tile, Unnumbered
from claims.models.matching import Frequency, Posting, Uncounted
from claims.models.matter import Matter
from claims.models.member import Member
from claims.models.note import Note, NoteMention
from claims.models.notice import Notice, NoticeSettings
from claims.models.organization import Organization
from claims.models.placement import Placement
from claims.models.publisher import Publisher
from claims.models.queue import QueueItem, QueueMove
from claims.models.relation import Relation
from claims.models.scale import Rating, RatingScale
from claims.models.signing_in import SecondFactor, Session, SignInTry
from claims.models.snapshot import Snapshot
from claims.models.speaker import Speaker
from claims.models.statistics import Column, Counted, Numeral, Segment
from claims.models.user import User
from claims.models.verdict import Evidence, Verdict
from claims.models.webhook import Attempt, Delivery, Webhook
from claims.models.wording import Naming, Stretch, Wording

__all__ = [
    "ALL",
    "Anchor",
    "ApiKey",
    "Appearance",
    "Article",
    "Assertion",
    "Attempt",
    "Change",
    "Checkpoint",
    "Claim",
    "Column",
    "Content",
    "Contest",
    "Correction",
    "Counted",
    "Delivery",
    "DossierEntry",
    "Draft",
    "DraftStep",
    "Due",
    "Evidence",
    "Extent",
    "Frequency",
    "IdempotencyKey",
    "ImportedClaim",
    "Invitation",
    "Listing",
    "LogEntry",
    "LogKey",
    "Matter",
    "Member",
    "Naming",
    "Note",
    "NoteMention",
    "Notice",
    "NoticeSettings",
    "Numeral",
    "Organization",
    "Placement",
    "Posting",
    "Publisher",
    "QueueItem",
    "QueueMove",
    "RateCount",
    "Rating",
    "RatingScale",
    "Relation",
    "Relay",
    "SecondFactor",
    "Segment",
    "Session",
    "SignInTry",
    "Snapshot",
    "Speaker",
    "Stretch",
    "Tile",
    "Uncounted",
    "Unnumbered",
    "User",
    "Verdict",
    "Webhook",
    "Wording",
]
