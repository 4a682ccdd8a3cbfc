"""`as_of`: claims as they were, found by the same filters."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.api.filtering import InstantField
from claims.api.pagination import refused
from claims.models import Appearance, Claim, Verdict
from claims.queries.feed import head
from claims.queries.past import Cutoff
from claims.vocabulary import Outcome, Status

AS_OF = "as_of"


def cutoff_of(request: Request) -> Cutoff | None:
    """Up to where the request wants the record read; None for all. Raises BadParameter."""
    text = request.query_params.get(AS_OF)
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0:
        if (highest := head()) < int(text):
            raise refused(AS_OF, _("The log ends at %d.") % highest)
        return Cutoff(number=int(text))
    try:
        at: datetime = InstantField(time_of_day=time.max).clean(text)
    except Exception:
        detail = _("Send a number of the log, an instant (2020-03-14T09:30:00Z) or a day.")
        raise refused(AS_OF, detail) from None
    return Cutoff(at=at)


def matches(claim: Claim, asked: Mapping[str, Any]) -> bool:
    """Whether a claim of `queries.past` is what the filters ask for, each by its cleaned value."""
    given = {name: value for name, value in asked.items() if value not in (None, "")}
    return (
        all(TESTS[name](claim, value) for name, value in given.items() if name in TESTS)
        and some(claim.placed, APPEARANCE_TESTS, given)  # type: ignore[attr-defined]
        and some(claim.tips, VERDICT_TESTS, standing(given))  # type: ignore[attr-defined]
    )


Test = Callable[[Any, Any], bool]


def some(rows: Iterable[Any], tests: Mapping[str, Test], given: Mapping[str, Any]) -> bool:
    """Whether one and the same row passes all that is asked of such rows."""
    asked = {name: value for name, value in given.items() if name in tests}
    return not asked or any(
        all(tests[name](row, value) for name, value in asked.items()) for row in rows
    )


def standing(given: Mapping[str, Any]) -> dict[str, Any]:
    """A withdrawal is a tip that does not stand: found only by who asks for it by name."""
    if "organization" in given and "outcome" not in given:
        return {**given, "stands": True}
    return dict(given)


def in_language(claim: Claim, tag: str) -> bool:
    return claim.language == tag or claim.language.startswith(f"{tag}-")


TESTS: dict[str, Test] = {
    "kind": lambda claim, kind: claim.kind == kind,
    "status": lambda claim, status: claim.status == status,
    "language": in_language,
    "speaker": lambda claim, pk: str(claim.speaker_id) == pk.lower(),
    "subject": lambda claim, subject: claim.subject == subject,
    "property": lambda claim, name: claim.property == name,
    "has_verdict": lambda claim, yes: (claim.status != Status.UNVERIFIED) == yes,
    "created_after": lambda claim, at: claim.created_at >= at,
    "created_before": lambda claim, at: claim.created_at <= at,
    "changed_after": lambda claim, at: claim.changed_at >= at,
    "related_to": lambda claim, pk: pk.lower() in claim.related,
}


def published_from(appearance: Appearance, day: Any) -> bool:
    first = appearance.article.published_from
    return first is not None and first >= day


def published_to(appearance: Appearance, day: Any) -> bool:
    last = appearance.article.published_to
    return last is not None and last <= day


APPEARANCE_TESTS: dict[str, Test] = {
    "article": lambda appearance, pk: str(appearance.article_id) == pk.lower(),
    "publisher": lambda appearance, pk: str(appearance.article.publisher_id) == pk.lower(),
    "published_after": published_from,
    "published_before": published_to,
}


def by_outcome(verdict: Verdict, outcome: str) -> bool:
    return verdict.outcome == outcome


VERDICT_TESTS: dict[str, Test] = {
    "organization": lambda verdict, pk: str(verdict.organization_id) == pk.lower(),
    "outcome": by_outcome,
    "stands": lambda verdict, _yes: verdict.outcome != Outcome.WITHDRAWN,
}
