"""How the OpenAPI description tells of lists: filters, pages, and how they were searched."""

from typing import Any

SEARCHED = {
    "type": "object",
    "description": "How it was searched; only where `q` is sent.",
    "required": ["ranked", "speakers_left_out", "highlights"],
    "properties": {
        "ranked": {
            "type": ["object", "null"],
            "description": "Of what the most relevant are told; null by date, where all are.",
            "required": ["newest", "complete"],
            "properties": {
                "newest": {
                    "type": "integer",
                    "description": "How many of the newest that match were ranked.",
                },
                "complete": {
                    "type": "boolean",
                    "description": "Whether these are all; else the ranking is an estimate.",
                },
            },
        },
        "speakers_left_out": {
            "type": "boolean",
            "description": "Whether a word is in the names of more speakers than are looked for.",
        },
        "highlights": {
            "type": "object",
            "description": "By id of the document, where the words stand in it.",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "start", "end"],
                    "properties": {
                        "pointer": {
                            "type": "string",
                            "description": "Which text of the document, as a JSON Pointer.",
                        },
                        "start": {
                            "type": "integer",
                            "description": "Where it begins: the code points before it.",
                        },
                        "end": {"type": "integer", "description": "Where it ends, exclusive."},
                    },
                },
            },
        },
    },
}


def filter_type(field: Any) -> dict[str, Any]:
    kind = type(field).__name__
    types: dict[str, dict[str, Any]] = {
        "IdFilter": {"type": "string", "format": "uuid"},
        "MemberFilter": {
            "oneOf": [{"type": "string", "format": "uuid"}, {"type": "string", "const": "me"}]
        },
        "DayFilter": {"type": "string", "format": "date"},
        "InstantFilter": {
            "type": "string",
            "description": "An instant with its offset, or a day.",
            "example": "2020-03-14T09:30:00Z",
        },
        "LanguageFilter": {"type": "string", "example": "ar"},
        "YesNo": {"type": "boolean"},
    }
    return types.get(kind, {"type": "string", "maxLength": 2000})


def filter_values(field: Any) -> list[str] | None:
    choices = field.extra.get("choices")
    return [value for value, _label in choices] if choices else None


def paged(response: dict[str, Any], *, searched: bool) -> None:
    """Wrap what a list answers into the page that holds it."""
    for content in response.get("content", {}).values():
        schema = content["schema"]
        item = schema.get("items", schema)
        address = {"type": ["string", "null"], "format": "uri"}
        content["schema"] = {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**address},
                "previous": {**address},
                "results": {"type": "array", "items": item},
                **({"search": SEARCHED} if searched else {}),
            },
        }
