"""The rules about the dates of ClaimReview markup.

Sources: as of `rules`; ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims import dates
from claims.formats.claimreview_in import values
from claims.formats.claimreview_in.checked import RECOMMENDED, REQUIRED, Checked, Finding, rule


def stated(value: Any) -> dates.CivilDate | None:
    day = values.day(value, "en")
    return None if day is None else dates.parse(day)


def is_iso(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        dates.parse(re.sub(r"[T ]\d.*$", "", value.strip()))
    except dates.InvalidDate:
        return False
    return re.match(r"\d{4}", value.strip()) is not None


@rule
def dates_are_dates(it: Checked) -> Iterator[Finding]:
    given = it.review.get("datePublished")
    if given is None:
        yield it.finding(
            "date-missing",
            RECOMMENDED,
            _("It does not say when the review was published."),
            _("Add datePublished, as 2024-05-31."),
            "datePublished",
        )
    for path, value in each_date(it):
        if value is not None and not is_iso(value):
            yield it.finding(
                "date-not-iso",
                REQUIRED if stated(value) is None else RECOMMENDED,
                _("This is no date in the form of ISO 8601."),
                _("Write year, month and day in figures, as 2024-05-31."),
                *path,
            )


def each_date(it: Checked) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield ("datePublished",), it.review.get("datePublished")
    yield ("itemReviewed", "datePublished"), it.review.thing("itemReviewed").get("datePublished")


@rule
def dates_are_in_order(it: Checked) -> Iterator[Finding]:
    told = {path: stated(value) for path, value in each_date(it)}
    (review_at, review), (claim_at, claim) = told.items()
    if review and review.earliest and review.earliest > it.today:
        yield it.finding(
            "date-to-come",
            REQUIRED,
            _("The review is dated {day}, which is still to come."),
            _("Write the day on which it was published."),
            *review_at,
            day=review.text,
        )
    if review and claim and claim.earliest and review.latest and claim.earliest > review.latest:
        yield it.finding(
            "claim-after-review",
            REQUIRED,
            _("The claim is dated {claim}, after its review ({review})."),
            _("Write the day on which the claim was made; leave it out where it is not known."),
            *claim_at,
            claim=claim.text,
            review=review.text,
        )
