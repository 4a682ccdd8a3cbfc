"""Matches as they are told, but for the documents of their claims; their reasons as taken."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.text.matching import Difference, Match


def told(match: Match[Any]) -> dict[str, Any]:
    reasons = match.reasons
    return {
        "score": round(match.score, 4),
        "label": match.label.value,
        "reasons": {
            "word_for_word": reasons.word_for_word,
            "words": list(reasons.words),
            "names": list(reasons.names),
            "numbers": list(reasons.numbers),
            "dates": list(reasons.dates),
        },
        "differences": [difference(it) for it in match.differences],
        "compared_with": match.reading.text,
    }


def difference(it: Difference) -> dict[str, Any]:
    return {"kind": it.kind, "asked": it.asked, "claim": it.claim, "decides": it.decides}


REASONS = {
    "type": "array",
    "maxItems": 50,
    "items": {
        "oneOf": [
            {"type": "string", "maxLength": 1000},
            {"type": "object", "additionalProperties": True},
        ]
    },
}


@extend_schema_field({"oneOf": [REASONS, {"type": "object", "additionalProperties": True}]})
class Reasons(serializers.Field):
    """Why: texts, or objects as a match gives them, or one such. Fractions are kept as texts."""

    default_error_messages = {
        "invalid": _("Send a list of texts or objects, 50 at most, of 10,000 characters in all."),
    }

    def to_internal_value(self, data: object) -> list[Any]:
        if isinstance(data, dict):  # as a match gives them
            data = [data]
        if (
            not isinstance(data, list)
            or len(data) > 50
            or not all(isinstance(it, str | dict) for it in data)
        ):
            self.fail("invalid")
        told = [self.plain(it) for it in data]
        if len(json.dumps(told, ensure_ascii=False)) > 10_000:
            self.fail("invalid")
        return told

    def plain(self, value: Any) -> Any:
        match value:
            case str():
                if "\0" in value:
                    self.fail("invalid")
                return value
            case dict():
                return {self.plain(name): self.plain(inner) for name, inner in value.items()}
            case list():
                return [self.plain(inner) for inner in value]
            case bool() | None:
                return value
            case int() if abs(value) <= 2**53:
                return value
            case _:
                return str(value)
