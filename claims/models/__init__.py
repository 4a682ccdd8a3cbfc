from claims.models.api_key import ApiKey
from claims.models.appearance import Anchor, Appearance, Relay
from claims.models.article import Article
from claims.models.change import Change
from claims.models.claim import Assertion, Claim
from claims.models.content import Content
from claims.models.extent import Extent
from claims.models.housekeeping import DossierEntry, IdempotencyKey, ImportedClaim, RateCount
from claims.models.listing import ALL, Listing
from claims.models.log import Checkpoint, LogEntry, LogKey, Tile, Unnumbered
from claims.models.matching import Frequency, Posting, Uncounted
from claims.models.matter import Matter
from claims.models.member import Member
from claims.models.note import Note, NoteMention
from claims.models.organization import Organization
from claims.models.placement import Placement
from claims.models.publisher import Publisher
from claims.models.queue import QueueItem, QueueMove
from claims.models.relation import Relation
from claims.models.snapshot import Snapshot
from claims.models.speaker import Speaker
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
    "Content",
    "Delivery",
    "DossierEntry",
    "Evidence",
    "Extent",
    "Frequency",
    "IdempotencyKey",
    "ImportedClaim",
    "Listing",
    "LogEntry",
    "LogKey",
    "Matter",
    "Member",
    "Naming",
    "Note",
    "NoteMention",
    "Organization",
    "Placement",
    "Posting",
    "Publisher",
    "QueueItem",
    "QueueMove",
    "RateCount",
    "Relation",
    "Relay",
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
