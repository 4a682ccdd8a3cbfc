"""The rows of which documents are made: each resource with all that its document shows.

The number of statements is constant: one for the rows, one for each table that hangs on them.
"""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject, Now
from django.db.models.lookups import IsNull

from claims.models import (
    Anchor,
    Appearance,
    Article,
    Assertion,
    Attempt,
    Claim,
    Contest,
    Delivery,
    Draft,
    DraftStep,
    Evidence,
    LogEntry,
    Note,
    NoteMention,
    QueueItem,
    QueueMove,
    Rating,
    RatingScale,
    Relation,
    Relay,
    Snapshot,
    Verdict,
)
from claims.models.queue import DAY, Seconds, gains
from claims.models.verdict import Stays
from claims.vocabulary import ChangeType, ItemState, Outcome, RelationType


def articles() -> QuerySet[Article]:
    """Articles with publisher, and `newest_snapshots`: the newest in a list, or none."""
    newest = Snapshot.objects.filter(
        pk=Subquery(
            Snapshot.objects.filter(article=OuterRef("article"))
            .order_by("-captured_at", "-id")
            .values("pk")[:1]
        )
    )
    return Article.objects.select_related("publisher").prefetch_related(
        Prefetch("snapshots", newest, to_attr="newest_snapshots")
    )


def deliveries() -> QuerySet[Delivery]:
    """Deliveries with their attempts."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("ordinal"))
    return Delivery.objects.prefetch_related(attempts)


def appearances() -> QuerySet[Appearance]:
    """Appearances with article, chain, and `last_anchors`: the newest in a list, or none."""
    last = Anchor.objects.filter(
        position=Subquery(
            Anchor.objects.filter(appearance=OuterRef("appearance"))
            .order_by("-position")
            .values("position")[:1]
        )
    )
    return Appearance.objects.select_related("article__publisher").prefetch_related(
        Prefetch(
            "relays", Relay.objects.select_related("speaker").order_by("position"), to_attr="chain"
        ),
        Prefetch("anchors", last, to_attr="last_anchors"),
    )


def verdicts() -> QuerySet[Verdict]:
    """Verdicts with all that they tell, `.pieces` of evidence and the `.number` of their Change."""
    pieces = Evidence.objects.select_related("quote").order_by("position")
    return (
        Verdict.objects.select_related(
            "organization", "issued_by", "confirmed_by", "rationale", "rating"
        )
        .prefetch_related(Prefetch("evidence", pieces, to_attr="pieces"))
        .annotate(number=number(ChangeType.VERDICT_ISSUED, ChangeType.VERDICT_WITHDRAWN))
    )


def drafts() -> QuerySet[Draft]:
    """Drafts with all that they tell, `.taken` steps, and the verdict each `.follows`, if any.

    Each is `.hollow` that withdraws what does not stand, and `.off_scale` whose label the
    organization's scale has not for its outcome, as that is now.
    """
    taken = DraftStep.objects.select_related("reasons", "taken_by").order_by("position")
    tips = Verdict.objects.tips().filter(
        claim=OuterRef("claim"), organization=OuterRef("organization")
    )
    return (
        Draft.objects.select_related("organization", "created_by", "finding")
        .prefetch_related(Prefetch("steps", taken, to_attr="taken"))
        .annotate(
            follows=Subquery(tips.values("pk")[:1]),
            hollow=ExpressionWrapper(
                Q(outcome=Outcome.WITHDRAWN) & ~Exists(tips.exclude(outcome=Outcome.WITHDRAWN)),
                BooleanField(),
            ),
            off_scale=off_scale(),
        )
    )


def off_scale() -> ExpressionWrapper:
    """Of a draft. As `actions.rating.rated` has it: by no scale, a label is free text."""
    label = Func(
        OuterRef("finding__text"),
        template="(%(expressions)s::json ->> 'label')",
        output_field=TextField(),
    )
    newest = RatingScale.objects.filter(organization=OuterRef(OuterRef("organization")))
    ratings = Rating.objects.filter(scale=newest.order_by("-version").values("pk")[:1])
    labelled = Func(
        F("labels"),
        label,
        template="(jsonb_path_query_array(%(expressions)s)",
        arg_joiner=", '$.*') ? ",
        output_field=BooleanField(),
    )
    rated = ratings.filter(Q(labelled), outcome=OuterRef("outcome"))
    unlabelled = IsNull(label, True)
    return ExpressionWrapper(
        Exists(ratings.exclude(Q(unlabelled))) & ~Exists(rated), BooleanField()
    )


def relations() -> QuerySet[Relation]:
    """Decisions with who made them, whether each `.stands`, and the `.number` of its Change.

    A decision has a Change for each of its claims: the number is that of the one named first.
    """
    later = Relation.objects.filter(supersedes=OuterRef("pk"))
    entries = LogEntry.objects.filter(
        change__subject_id=OuterRef("pk"), change__claim=OuterRef("claim")
    )
    stands = ~Exists(later) & ~Q(relation=RelationType.WITHDRAWN)
    return Relation.objects.select_related("organization", "decided_by").annotate(
        stands=ExpressionWrapper(stands, BooleanField()),
        number=Subquery(entries.values("number")[:1]),
    )


def number(*types: ChangeType) -> Subquery:
    """The number of the Change of one of these types that happened to a row; null at first."""
    entries = LogEntry.objects.filter(change__subject_id=OuterRef("pk"), change__type__in=types)
    return Subquery(entries.values("number")[:1])


def claims() -> QuerySet[Claim]:
    """Claims with speaker, `first_appearances`, `standing_verdicts`, `assertions`, `number`."""
    standing = verdicts() & Verdict.objects.standing()
    return (
        Claim.objects.select_related("speaker")
        .prefetch_related(
            Prefetch("appearances", appearances().filter(position=0), to_attr="first_appearances"),
            Prefetch("verdicts", standing.order_by("issued_at", "id"), to_attr="standing_verdicts"),
            Prefetch("assertions", Assertion.objects.order_by("id"), to_attr="asserted"),
        )
        .annotate(number=number(ChangeType.CLAIM_CREATED))
    )


def marked() -> QuerySet[Appearance]:
    """Appearances with article, snapshot, and the organization whose member filed them."""
    return Appearance.objects.select_related("article", "snapshot", "created_by__organization")


def judged() -> QuerySet[Claim]:
    """Claims with speaker and `standing_verdicts`."""
    standing = verdicts() & Verdict.objects.standing()
    return Claim.objects.select_related("speaker").prefetch_related(
        Prefetch("verdicts", standing.order_by("issued_at", "id"), to_attr="standing_verdicts")
    )


def reviews() -> QuerySet[Verdict]:
    """Verdicts with what feeds tell of them too: their claim, and the verdict before."""
    return verdicts().select_related("claim__speaker", "supersedes__rating")


def overdue() -> QuerySet[Verdict]:
    """Verdicts with their claim, and `.due_on`; null where they are never due."""
    return verdicts().select_related("claim").annotate(due_on=F("due__due_on"))


def contests() -> QuerySet[Contest]:
    """Contests with all that they tell."""
    return Contest.objects.select_related(
        "organization", "verdict", "statement", "contact", "answer", "resolved_by"
    )


def desk_contests() -> QuerySet[Contest]:
    """Contests as their organization is told of them; whether what each contests `.stays`."""
    return contests().annotate(stays=Stays("verdict_id"))


def corrections() -> QuerySet[Verdict]:
    """Verdicts as feeds tell them, `.corrected_at`, and `.answered`: the contests they answer."""
    answered = contests().order_by("filed_at", "id")
    return (
        reviews()
        .prefetch_related(Prefetch("answers", answered, to_attr="answered"))
        .annotate(corrected_at=F("correction__corrected_at"))
    )


def scales() -> QuerySet[RatingScale]:
    """Scales with who made them, and `.its_ratings` in order."""
    ratings = Rating.objects.order_by("position")
    return RatingScale.objects.select_related("organization", "created_by").prefetch_related(
        Prefetch("ratings", ratings, to_attr="its_ratings")
    )


def reviewed(most: int) -> QuerySet[Claim]:
    """Claims with speaker, `standing_verdicts`, `placed`: appearances, one more than `most`."""
    standing = reviews() & Verdict.objects.standing()
    return Claim.objects.select_related("speaker").prefetch_related(
        Prefetch(
            "appearances",
            appearances().filter(position__lte=most).order_by("position"),
            to_attr="placed",
        ),
        Prefetch("verdicts", standing.order_by("issued_at", "id"), to_attr="standing_verdicts"),
    )


STATE = Case(
    When(verdict__isnull=False, then=Value(ItemState.DONE.value)),
    When(closed_at__isnull=False, then=Value(ItemState.DROPPED.value)),
    When(assignee__isnull=False, then=Value(ItemState.ASSIGNED.value)),
    default=Value(ItemState.WAITING.value),
    output_field=CharField(choices=ItemState.choices),
)


def queue() -> QuerySet[QueueItem]:
    """Items with claim and members, `.happened`, and what follows from the rules and the time.

    `.state`, `.waited_days` until it was closed, `.overdue`, `.reasons`: by how many days each
    rule puts it forward.
    """
    moves = Prefetch("moves", QueueMove.objects.order_by("moved_at", "id"), to_attr="happened")
    until: Any = Coalesce("closed_at", Now())
    waited: Any = Seconds(until) - Seconds("created_at")
    days: dict[str, Any] = {"age": waited, **gains()}
    days = {rule: ExpressionWrapper(it / DAY, IntegerField()) for rule, it in days.items()}
    late = ExpressionWrapper(Q(due_at__lt=until), BooleanField())
    return (
        QueueItem.objects.select_related(
            "claim", "assignee", "assigned_by", "created_by", "closed_by"
        )
        .prefetch_related(moves)
        .annotate(
            state=STATE,
            waited_days=days["age"],
            overdue=Coalesce(late, False, output_field=BooleanField()),
            reasons=JSONObject(**days),
        )
    )


def notes() -> QuerySet[Note]:
    """Notes with text, author and `.mentioned`: whom they concern, in a list."""
    mentioned = NoteMention.objects.select_related("member").order_by("position")
    return Note.objects.select_related("content", "created_by").prefetch_related(
        Prefetch("mentions", mentioned, to_attr="mentioned")
    )
