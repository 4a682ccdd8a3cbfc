"""The JSON Schema of dossiers, made from the serializers that read them.

What the serializers take, the schema takes. The reverse holds but for what a schema cannot say:
that keys are unique and name something, that offsets and ranges are in order, which dates and
languages there are, which list entries an evidence copies, which letters are nothing but marks.

Source: JSON Schema 2020-12, Core and Validation.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from drf_spectacular.drainage import get_override
from rest_framework import serializers

from claims.formats.dossier import (
    PASSAGE,
    VERSION,
    Dossier,
    DossierAppearance,
    DossierArticle,
    DossierClaim,
    DossierSpeaker,
    Key,
)
from claims.formats.fields import (
    DECIMAL,
    MOST_NAMES,
    Body,
    Context,
    Count,
    Edtf,
    Flag,
    Instant,
    Language,
    Listed,
    Name,
    Names,
    Sha256,
    Text,
    Url,
)
from claims.formats.requests import MOST_EVIDENCE, MOST_ROLES, FactIn, SnapshotIn, VerdictIn
from claims.vocabulary import Kind, ValueType

Schema = dict[str, Any]

LANGUAGE = r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$"
CONTROLS = r"[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
NOT_BLANK: Schema = {
    "pattern": r"[^\s\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    r"\u2066-\u206f\ufe00-\ufe0f\ufeff]"
}
ONE_LINE: Schema = {**NOT_BLANK, "not": {"type": "string", "pattern": CONTROLS}}

# Beside the type of a field: the nearest class counts.
WORDS: dict[type[serializers.Field], Schema] = {
    Key: {},
    Language: {"pattern": LANGUAGE},
    Edtf: {"pattern": r"^[-0-9XYTZ:~?%./+]+$"},
    Url: {"pattern": r'^[Hh][Tt][Tt][Pp][Ss]?://[^\s<>"\\^`{|}]+$'},
    Name: ONE_LINE,
    Context: {},
    Text: NOT_BLANK,
}


@cache
def dossier_schema() -> Schema:
    """The whole schema, self-contained: every Body has its place in $defs."""
    definitions: dict[str, Schema] = {}
    root = of_body(Dossier(), definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:isnad:dossier:{VERSION}",
        "title": "Isnad dossier",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def of_body(body: Body, definitions: dict[str, Schema]) -> Schema:
    fields: dict[str, serializers.Field] = dict(body.fields)
    schema: Schema = {
        **described(vars(type(body)).get("__doc__")),
        "type": "object",
        "properties": {name: of_field(field, definitions) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }
    return schema | RULES.get(type(body), {})


def of_field(field: serializers.Field, definitions: dict[str, Schema]) -> Schema:
    schema = typed(field, definitions) | described(str(field.help_text or ""))
    if not field.allow_null:
        return schema
    if "$ref" in schema:
        told = described(schema.pop("description", None))
        return {**told, "anyOf": [schema, {"type": "null"}]}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema | {"type": [schema["type"], "null"]}


def typed(field: serializers.Field, definitions: dict[str, Schema]) -> Schema:
    """What a field takes when it is not null. Raises TypeError for a kind of field unknown here."""
    match field:
        case serializers.ListSerializer(child=serializers.Field() as child):
            most = MOST.get((type(field.parent), field.field_name))
            return {
                "type": "array",
                "items": typed(child, definitions),
                **({} if most is None else {"maxItems": most}),
            }
        case Body():
            name = type(field).__name__.removeprefix("Dossier").removesuffix("In")
            return defined(name, definitions, lambda: of_body(field, definitions))
        case Names():
            return defined("Names", definitions, lambda: of_names(field, definitions))
        case Key() | Language() | Edtf() | Url():
            return defined(type(field).__name__, definitions, lambda: of_text(field))
        case Listed():
            return {
                "type": "array",
                "items": of_field(field.child, definitions),
                "maxItems": field.max_length,
                "uniqueItems": True,
            }
        case Text():
            return of_text(field)
        case Sha256():
            return overridden(field)
        case serializers.ChoiceField():
            kinds = {int: "integer", str: "string"}
            [kind] = {kinds[type(choice)] for choice in map(plain, field.choices)}
            return {"type": kind, "enum": [plain(choice) for choice in field.choices]}
        case Flag():
            return {"type": "boolean", **defaulted(field)}
        case Count():
            return {
                **described(inspect.getdoc(field)),
                "type": "integer",
                "minimum": field.min_value,
                "maximum": field.max_value,
            }
        case Instant():
            return {
                **described(inspect.getdoc(field)),
                "type": "string",
                "pattern": f"^{field.PATTERN.pattern}$",
            }
        case _:
            raise TypeError(f"no schema is known for {type(field).__name__}")


def defined(name: str, definitions: dict[str, Schema], make: Callable[[], Schema]) -> Schema:
    """A reference to what is made once."""
    if name not in definitions:
        definitions[name] = make()
    return {"$ref": f"#/$defs/{name}"}


def of_names(field: Names, definitions: dict[str, Schema]) -> Schema:
    return {
        **described(inspect.getdoc(field)),
        **overridden(field),
        "propertyNames": {"pattern": LANGUAGE, "maxLength": 35},
        "additionalProperties": of_field(field.child, definitions),
        "maxProperties": MOST_NAMES,
    }


def of_text(field: Text) -> Schema:
    words = next(WORDS[kind] for kind in type(field).__mro__ if kind in WORDS)
    own = vars(type(field)).get("__doc__")
    return {
        **described(own),
        "type": "string",
        **({} if field.max_length is None else {"maxLength": field.max_length}),
        **overridden(field),
        **words,
    }


def overridden(field: serializers.Field) -> Schema:
    """What the field says of itself for OpenAPI; `format` is left out where it is narrower."""
    given: Schema = get_override(field, "field", {})
    kept = {name: value for name, value in given.items() if name not in ("format", "example")}
    return kept | ({"examples": [given["example"]]} if "example" in given else {})


def described(words: str | None) -> Schema:
    return {"description": " ".join(inspect.cleandoc(words).split())} if words else {}


def defaulted(field: serializers.Field) -> Schema:
    return {} if field.default is serializers.empty else {"default": field.default}


def plain(choice: Any) -> Any:
    """A choice as JSON has it: members of an enumeration are what they stand for."""
    return choice.value if hasattr(choice, "value") else choice


MOST: dict[tuple[type, str | None], int] = {
    (DossierSpeaker, "roles"): MOST_ROLES,
    (VerdictIn, "evidence"): MOST_EVIDENCE,
}


def given(*names: str) -> Schema:
    """These fields are there and not null."""
    return {
        "properties": {name: {"not": {"type": "null"}} for name in names},
        "required": list(names),
    }


def lacking(*names: str) -> Schema:
    """These fields are not there, or null."""
    return {"properties": {name: {"type": "null"} for name in names}}


def where(name: str, value: str) -> Schema:
    return {"properties": {name: {"const": value}}, "required": [name]}


QUANTITY_ALONE = ("unit", "approximate", "lower", "upper")
NUMBER: Schema = {"pattern": f"^{DECIMAL.pattern}$"}

# What the `validate` methods say, as far as a schema can.
RULES: dict[type[Body], Schema] = {
    DossierArticle: {"anyOf": [given("headline"), given("url")]},
    SnapshotIn: {
        "oneOf": [
            {"required": ["text"], "properties": {"sha256": False, "length": False}},
            {
                "required": ["withheld", "sha256", "length"],
                "properties": {"text": False, "withheld": {"const": True}},
            },
        ]
    },
    DossierAppearance: {
        "anyOf": [
            given("exact"),
            given("start", "end"),
            {
                "properties": {
                    name: False if name in ("prefix", "suffix") else {"type": "null"}
                    for name in PASSAGE
                }
            },
        ]
    },
    FactIn: {
        "if": where("value_type", ValueType.QUANTITY.value),
        "then": {
            "properties": dict.fromkeys(("value", "lower", "upper"), NUMBER),
            "anyOf": [given("value"), given("lower"), given("upper")],
        },
        "else": {
            "allOf": [
                given("value"),
                lacking(*QUANTITY_ALONE),
                {
                    "if": where("value_type", ValueType.DATE.value),
                    "then": {"properties": {"value": {"$ref": "#/$defs/Edtf"}}},
                },
            ]
        },
    },
    DossierClaim: {
        "if": where("kind", Kind.FACT.value),
        "then": {
            "allOf": [
                given("fact"),
                lacking("speech"),
                {"properties": {"asserts": {"maxItems": 0}}},
            ]
        },
        "else": {"allOf": [given("speaker", "speech"), lacking("fact")]},
    },
}
