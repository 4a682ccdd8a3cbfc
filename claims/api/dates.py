"""Dates in running text: of a text that is sent, and of the text of a snapshot."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims import dates as edtf
from claims.api.rates import LONG_TEXTS, charge
from claims.api.resource import Resource
from claims.errors import TextWithheld
from claims.formats.requests import TextWithDates
from claims.models import Article, Snapshot
from claims.text.dates import CALENDARS, INFERRED, KINDS, MESSAGES, Found, dates_in

MOST_DATES = 10_000
"""Dates that one answer tells."""


CODE_POINTS_OF_A_READ = 10_000
"""Reading the dates of so many costs as much as a read."""


class ProblemMessages(serializers.Serializer):
    en = serializers.CharField(source="message", help_text="In English.")
    ar = serializers.CharField(source="message_ar", help_text="In Arabic.")


class DateProblem(serializers.Serializer):
    code = serializers.ChoiceField(choices=list(MESSAGES), help_text="What is wrong; stable.")
    messages = ProblemMessages(source="*", help_text="The same for people, by language.")


class FoundDate(serializers.Serializer):
    """A date of a text: where it stands, what it means, and what cannot be true about it."""

    start = serializers.IntegerField(help_text="Where it begins, in code points.")
    end = serializers.IntegerField(help_text="Where it ends: the code points before its end.")
    exact = serializers.CharField(help_text="The date as the text has it.")
    value = serializers.CharField(
        allow_null=True, help_text="In EDTF; null where it cannot be told without guessing."
    )
    kind = serializers.ChoiceField(
        choices=KINDS, help_text="`date` is one day; `period` is all that is longer."
    )
    calendar = serializers.ChoiceField(
        choices=CALENDARS,
        help_text="In which the text names it. The value is always Gregorian, and approximate "
        "where the text tells a Hijri date alone.",
    )
    relative = serializers.BooleanField(
        help_text="Whether the text tells it against the day of publication."
    )
    inferred = serializers.ListField(
        child=serializers.ChoiceField(choices=INFERRED),
        help_text="What of the value the text leaves out.",
    )
    alternatives = serializers.ListField(
        child=serializers.CharField(), help_text="Other values that the words allow, in EDTF."
    )
    problems = DateProblem(many=True, help_text="What cannot be true about it.")


class FoundDates(serializers.Serializer):
    published = serializers.CharField(
        allow_null=True,
        help_text="The day against which dates such as `yesterday` were told; null where the day "
        "of publication is not known.",
    )
    dates = FoundDate(many=True, help_text="In the order of the text; they do not overlap.")
    complete = serializers.BooleanField(
        help_text=f"Whether these are all: an answer tells the first {MOST_DATES} of a text."
    )


def answered(
    request: Request, text: str, language: str | None, date_published: str | None
) -> Response:
    """Raises TooManyRequests."""
    charge(request, LONG_TEXTS, len(text) // CODE_POINTS_OF_A_READ)
    published = day_of(date_published)
    found = dates_in(text, language, published, most=MOST_DATES + 1)
    return Response(
        FoundDates(
            {
                "published": published.isoformat() if published else None,
                "dates": told(text, found[:MOST_DATES]),
                "complete": len(found) <= MOST_DATES,
            }
        ).data
    )


def told(text: str, found: Sequence[Found]) -> list[dict[str, Any]]:
    names = ("start", "end", "value", "kind", "calendar", "relative")
    lists = ("inferred", "alternatives", "problems")
    return [
        {name: getattr(one, name) for name in names}
        | {name: list(getattr(one, name)) for name in lists}
        | {"exact": text[one.start : one.end]}
        for one in found
    ]


def day_of(date_published: str | None) -> date | None:
    """The day that an article's date of publication names; None where it names none."""
    if date_published is None:
        return None
    stated = edtf.parse(date_published)
    return stated.earliest if stated.earliest == stated.latest else None


def dates_of(request: Request, snapshot: Snapshot, article: Article) -> Response:
    """Raises TextWithheld, TooManyRequests."""
    text = snapshot.content.text if snapshot.content else None
    if text is None:
        raise TextWithheld(_("The text of this snapshot is not kept, so no dates can be found."))
    return answered(request, text, article.language, article.date_published)


class Texts(Resource):
    """What can be found in a text that is sent and not stored."""

    resource = "text"
    model = Snapshot
    answers = FoundDates
    asks = {"dates": TextWithDates}
    body_limit = settings.LARGE_BODY_LIMIT

    @extend_schema(
        summary="Find the dates of a text",
        description="In Arabic and English. Nothing is stored.",
        request=TextWithDates,
        responses={200: FoundDates},
    )
    def dates(self, request: Request) -> Response:
        asked = self.asked(request)
        return answered(request, asked["text"], asked["language"], asked["date_published"])
