"""Pages of reviews that are created, replaced and deleted as a whole.

A page's reviews are those of an external organization, whoever sends them, and are filed as an
import files them; but what is asked for is to stand, whatever stood or was said before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from claims.actions.met import alone
from claims.actions.reviews import Importing, Judgement
from claims.actions.store import Refused, Store
from claims.actions.tallying import Became, Fate
from claims.errors import Conflict, Duplicate, Fault, NotFound, PreconditionFailed, for_constraint
from claims.formats.claimreview_in import Citation, Review
from claims.formats.google import by_words, explanation, words_of
from claims.formats.importing import Worded
from claims.models import Member, Verdict
from claims.queries import pages
from claims.queries.pages import Page
from claims.vocabulary import Outcome


@transaction.atomic
def create_page(*, url: str, reviews: Sequence[Review], by: Member) -> Page:
    """File the reviews of a page on which none stands. reviews: all of its site.

    Raises Duplicate, Conflict.
    """
    alone()
    site = reviews[0].site
    organization = pages.organization_of(site)
    if organization is not None:
        known = pages.there(pages.spelled(organization, url))
        if known is not None:
            detail = _("Reviews of this page are recorded: update pages/%s.") % known.id
            raise Duplicate.at("#/pageUrl", detail)
    put(reviews, {}, by=by)
    organization = pages.organization_of(site)
    assert organization is not None
    return Page.at(organization, url)


@transaction.atomic
def update_page(
    *,
    page: Page,
    version: str,
    reviews: Sequence[Review],
    kept: Collection[UUID] = (),
    by: Member,
) -> None:
    """Have a page say this and nothing else: what it says already stays as it is.

    version: of the page as it was read; kept: verdicts of it that are to stay, beside the reviews.
    Raises NotFound, PreconditionFailed, Conflict.
    """
    alone()
    standing = on(page)
    if version != pages.version(standing):
        detail = _("The page has changed since: get it again, and repeat.")
        raise PreconditionFailed(detail, faults=[Fault(detail, pointer="#/versionId")])
    standing = [it for it in standing if it.pk not in kept]
    known = {by_words(it.claim.text, it.claim.speaker): it for it in standing}
    leaving: dict[UUID, Verdict] = {it.claim_id: it for it in standing}
    changed = []
    for review in reviews:
        there = known.get(words_of(review))
        if there is None:
            changed.append(review)
        elif says(review, there):
            leaving.pop(there.claim_id, None)
        else:
            changed.append(with_what_pages_leave_out(review, there))
    put(changed, leaving, by=by)


@transaction.atomic
def delete_page(*, page: Page, by: Member) -> None:
    """Withdraw all that stands on it. Raises NotFound."""
    alone()
    put((), {it.claim_id: it for it in on(page)}, by=by)


def on(page: Page) -> list[Verdict]:
    """What stands on a page. Raises NotFound where nothing does."""
    found = pages.on([page])
    if page not in found:
        raise NotFound(_("There is no such page, or no review stands on it."))
    return found[page]


class Putting(Importing):
    """Reviews that are to stand, whatever was said before; and those that are to stand no more."""

    def __init__(
        self,
        reviews: Sequence[Review],
        by: Member,
        at: datetime,
        store: Store,
        leaving: Mapping[UUID, Verdict],
    ) -> None:
        super().__init__(reviews, by, at, store)
        self.leaving = leaving

    def fate_of(self, review: Review, chain: Sequence[Judgement]) -> Fate:
        return Became.IMPORTED


def put(reviews: Sequence[Review], leaving: Mapping[UUID, Verdict], *, by: Member) -> None:
    """All or nothing. Raises Conflict."""
    store = Store()
    try:
        with store.transaction() as at:
            fates = Putting(reviews, by, at, store, leaving).run()
    except Refused as refused:
        raise for_constraint(refused.constraint or "unknown") from None
    faults = [
        Fault(fate.says, pointer=review.place)
        for review, fate in zip(reviews, fates, strict=True)
        if isinstance(fate, Worded)
    ]
    if faults:
        raise Conflict(_("See errors for each field and its mend."), faults=faults)


def says(review: Review, verdict: Verdict) -> bool:
    """Whether a verdict says what the review does, as far as pages tell it."""
    return (
        review.url == verdict.url
        and rated(review, verdict) == (verdict.label, verdict.outcome)
        and review.date_published == verdict.date_published
        and explanation(review, review.rationale) == explanation(verdict, told(verdict))
        and set(review.appearances) <= {it.article.url for it in placed(verdict)}
    )


def rated(review: Review, verdict: Verdict) -> tuple[str | None, Outcome]:
    """Label and outcome. A verdict without a label is told by its outcome, which is no label."""
    if verdict.label is None and review.label == verdict.outcome:
        return None, Outcome(verdict.outcome)
    return review.label, review.outcome


def with_what_pages_leave_out(review: Review, verdict: Verdict) -> Review:
    """What a page cannot say stays as it was in the verdict that the review takes the place of."""
    label, outcome = rated(review, verdict)
    return replace(
        review,
        label=label,
        outcome=outcome,
        title=verdict.title,
        review_language=verdict.language,
        citations=cited(verdict),
    )


def told(verdict: Verdict) -> str | None:
    return verdict.rationale.text


def placed(verdict: Any) -> list[Any]:
    return list(verdict.claim.placed)


def cited(verdict: Any) -> tuple[Citation, ...]:
    pieces = list(verdict.pieces)
    return tuple(
        Citation(
            url=it.url,
            title=it.title,
            archive_url=it.archive_url,
            quote=it.quote and it.quote.text,
            derived_from=None if it.derived_from is None else pieces[it.derived_from].url,
        )
        for it in pieces
    )
