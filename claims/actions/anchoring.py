"""Where passages stand in later texts of their articles. Each answer is a new row."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from claims.actions.recording import Happening, record
from claims.models import Anchor, Appearance, Claim, Member, Snapshot
from claims.text import Searchable, reanchor
from claims.vocabulary import AnchorState, ChangeType


def reanchor_article(snapshot: Snapshot, text: str | None, *, by: Member | None) -> None:
    """Find every passage of the article in a snapshot just captured, the article being locked.

    text: None when it is withheld.
    """
    passages = Appearance.objects.filter(article_id=snapshot.article_id, exact__isnull=False)
    # In one order, so that two captures cannot lock crosswise.
    locks = (
        Claim.objects.filter(pk__in=passages.values("claim_id"))
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    claims = {claim.pk: claim for claim in locks}
    if claims:
        marked = passages.annotate(last_anchor=Max("anchors__position"))
        anchor(marked, claims, snapshot, text, by=by)


def anchor(
    appearances: Iterable[Appearance],
    claims: Mapping[UUID, Claim],
    snapshot: Snapshot,
    text: str | None,
    *,
    by: Member | None,
    filed_at: datetime | None = None,
) -> None:
    """Say of each appearance where its passage stands in `text`.

    appearances: each with `.last_anchor`, the position of its last anchor or None. claims: theirs,
    locked; filed_at: as `record` takes it.
    """
    anchors = Anchor.objects.bulk_create(anchors_of(appearances, snapshot, text))
    record(
        *(
            reanchored(anchor, claim=claims[anchor.appearance.claim_id], by=by)
            for anchor in anchors
        ),
        filed_at=filed_at,
    )


def anchors_of(
    appearances: Iterable[Appearance], snapshot: Snapshot, text: str | None
) -> Iterator[Anchor]:
    """As yet to be stored."""
    searchable = None if text is None else Searchable(text)
    for appearance in appearances:
        last: int | None = getattr(appearance, "last_anchor", None)
        state, start, end = where(appearance, searchable)
        yield Anchor(
            appearance=appearance,
            snapshot=snapshot,
            position=0 if last is None else last + 1,
            state=state,
            start=start,
            end=end,
        )


def reanchored(anchor: Anchor, *, claim: Claim | None, by: Member | None) -> Happening:
    return Happening(type=ChangeType.APPEARANCE_REANCHORED, subject=anchor, by=by, claim=claim)


def where(
    appearance: Appearance, searchable: Searchable | None
) -> tuple[AnchorState, int | None, int | None]:
    if searchable is None:
        return AnchorState.UNCHECKED, None, None
    state, start, end = reanchor(
        searchable,
        exact=appearance.exact or "",
        prefix=appearance.prefix or "",
        suffix=appearance.suffix or "",
        # A passage filed on a withheld text may lack offsets: then it stands nowhere before.
        start=-1 if appearance.start is None else appearance.start,
        end=-1 if appearance.end is None else appearance.end,
    )
    return AnchorState(state), start, end
