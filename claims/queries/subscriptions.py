"""What a webhook asks to be told."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from claims.models import Change, Webhook
from claims.queries.feed import numbered, with_texts
from claims.vocabulary import INTERNAL


def asked_for(webhook: Webhook) -> QuerySet[Change]:
    """The Changes of the types and filters of a webhook.

    What is internal to other organizations is left out: their documents would be empty.
    """
    public = ~Q(type__in=list(INTERNAL))
    rows = Change.objects.filter(public | Q(organization_id=webhook.organization_id))
    if webhook.types:
        rows = rows.filter(type__in=webhook.types)
    if webhook.language is not None:
        begins = Q(language__startswith=f"{webhook.language}-")
        rows = rows.filter(Q(language=webhook.language) | begins)
    exact = {
        "claim": webhook.of_claim_id,
        "status": webhook.status,
        "organization": webhook.of_organization_id,
    }
    return rows.filter(**{name: value for name, value in exact.items() if value is not None})


def told_by(numbers: Iterable[int]) -> Sequence[Change]:
    """The Changes of these numbers, with all that their documents show."""
    return with_texts(list(numbered(Change.objects.filter(log_entry__number__in=list(numbers)))))
