"""What imports of other people's documents have in common, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import IO, Any, NamedTuple

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from claims.actions.tallying import Tally
from claims.api.parsing import StrictJson, body_of, refuse_codings
from claims.api.resource import Resource
from claims.errors import NotJson, TooLarge
from claims.formats.fields import Body
from claims.formats.importing import Worded, refused

MOST_RECORDS = 1_000
PLACE = "A JSON pointer; of lines, rows and blocks of a page, their number before it."
REFUSALS = "Each of the refused records, in order."


class Raw(NamedTuple):
    """A body that is read as what it is. kind: its media type. charset: where that is told."""

    body: bytes
    kind: str
    charset: str | None = None


class JsonLdBody(StrictJson):
    media_type = "application/ld+json"


class Verbatim(BaseParser):
    """A body that is not JSON as a whole."""

    def parse(  # type: ignore[override]
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Raw:
        assert parser_context is not None
        request, view = parser_context["request"]._request, parser_context["view"]
        refuse_codings(request)
        _kind, parameters = parse_header_parameters(media_type or "")
        return Raw(body_of(request, view.body_limit), self.media_type, parameters.get("charset"))


class Lines(Verbatim):
    media_type = "application/x-ndjson"


class Markup(Body):
    """A document in the words of others: what it holds is judged, not refused."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class CameIn(serializers.Serializer):
    """What became of the records of an import."""

    records = serializers.IntegerField(help_text="How many there are.")
    imported = serializers.IntegerField(help_text="How many are new.")
    there = serializers.IntegerField(help_text="How many were there already.")
    refused = serializers.IntegerField(help_text="How many were refused.")
    made = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many rows are new, by kind."
    )


def left_out_of(notes: type[Worded]) -> serializers.DictField:
    return serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Of imported records, how many lack what could not be kept, by what it was: "
        f"{', '.join(it.word for it in notes)}.",
    )


def sent(view: Resource, request: Request) -> Any:
    """The body: JSON, or Raw. Raises NotJson."""
    data = request.data
    if not body_of(request._request, view.body_limit):
        raise NotJson.at("#", _("The body is empty."))
    return data


def refuse_many(records: Sequence[Any]) -> None:
    """Raises TooLarge."""
    if len(records) > MOST_RECORDS:
        raise TooLarge(
            _("These are %(count)d records, of which %(most)d are taken at once.")
            % {"count": len(records), "most": MOST_RECORDS}
        )


def imported(
    records: Sequence[Any], import_records: Any, tally: Tally, *, by: Any
) -> list[dict[str, Any]]:
    """Have records filed and counted; which were refused, and why.

    import_records: as `claims.actions.reviews.import_reviews`.
    """
    fates = import_records(records, by=by, made_of=tally.made)
    for record, fate in zip(records, fates, strict=True):
        tally.count(record, fate)
    return [
        refused(record, fate)
        for record, fate in zip(records, fates, strict=True)
        if isinstance(fate, Worded)
    ]


def summary(tally: Tally, refusals: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "records": tally.records,
        "imported": tally.imported,
        "there": tally.there,
        "refused": tally.refused,
        "made": {kind: count for kind, count in sorted(tally.made.items()) if count},
        "refusals": refusals,
        "left_out": dict(sorted(tally.notes.items())),
    }
