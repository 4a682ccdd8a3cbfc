"""Fields of documents that come in: as strict as the words of the contract, and verbatim.

Stock fields trim strings, take numbers for text and "yes" for true; these do not.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import langcodes
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import SkipField, empty
from rest_framework.settings import api_settings
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from claims import dates
from claims.errors import Fault
from claims.text import bidi_controls
from claims.text.characters import is_blank

MOST_NAMES = 100


MOST_FAULTS = 100


def faults_in(detail: Any) -> list[Fault]:
    """The messages of a ValidationError, each with a pointer to its field; the first hundred."""
    return list(islice(each_fault(detail, "#"), MOST_FAULTS))


def each_fault(detail: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if name == api_settings.NON_FIELD_ERRORS_KEY:
                yield from each_fault(inner, pointer)
            else:
                yield from each_fault(inner, f"{pointer}/{escaped(str(name))}")
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, inner in enumerate(detail):
            if isinstance(inner, str):
                yield Fault(str(inner), pointer=pointer)
            elif inner:
                yield from each_fault(inner, f"{pointer}/{index}")
    else:
        yield Fault(str(detail), pointer=pointer)


def escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


class WholeCharacters(ProhibitSurrogateCharactersValidator):
    """The stock validator looks at one character after the other, of a million too."""

    def __call__(self, value: Any) -> None:
        try:
            value.encode()
        except UnicodeEncodeError:
            super().__call__(value)


class Text(serializers.CharField):
    """Verbatim text: nothing trimmed, nothing changed, but never blank."""

    default_error_messages = {
        "invalid": _("This is a text: send a JSON string."),
        "unseen": _("There is nothing but white space, marks and unseen characters."),
    }

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("allow_blank"):
            kwargs.setdefault("min_length", 1)  # which tells the schema so
        super().__init__(trim_whitespace=False, **kwargs)
        self.validators = [
            WholeCharacters() if isinstance(it, ProhibitSurrogateCharactersValidator) else it
            for it in self.validators
        ]

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value: str = super().to_internal_value(data)
        if value and is_blank(value):
            self.fail("unseen")
        return value

    def run_validation(self, data: Any = empty) -> Any:
        if not isinstance(data, str) or not data:
            return super().run_validation(data)  # left out, null, blank, or no text
        value = self.to_internal_value(data)
        self.run_validators(value)
        return value

    def run_validators(self, value: str) -> None:
        # They ask for the length, NUL and half characters, of which the latter are not printable.
        longest = self.max_length
        if not value.isprintable() or (longest is not None and len(value) > longest):
            super().run_validators(value)


class Context(Text):
    """What stands around a passage: may be empty, or nothing but white space."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_blank=True, **kwargs)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(serializers.CharField.to_internal_value(self, data))


class Name(Text):
    """One line that names somebody or something: no control characters of any kind."""

    default_error_messages = {
        "bidi": _(
            "Character %(position)d is an invisible control character for the direction of text: "
            "names are kept without."
        ),
        "control": _("Character %(position)d is a control character: a name is one line."),
    }

    def __init__(self, max_length: int = 300, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        if positions := bidi_controls(value):
            self.fail_at("bidi", positions[0])
        if control := re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
            self.fail_at("control", control.start())
        return value

    def fail_at(self, key: str, position: int) -> None:
        message = str(self.error_messages[key]) % {"position": position}
        raise serializers.ValidationError(message, code=key)


@extend_schema_field({"type": "string", "example": "ar", "description": "BCP 47 language tag"})
class Language(Text):
    default_error_messages = {
        "language": _('This is not a registered language tag (BCP 47), such as "ar" or "en-GB".')
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=35, **kwargs)

    def to_internal_value(self, data: object) -> str:
        tag = standard_language(super().to_internal_value(data))
        if tag is None:
            self.fail("language")
        return tag


@lru_cache(maxsize=1_000)
def standard_language(tag: str) -> str | None:
    """The tag in its usual spelling ("AR-iq" → "ar-IQ"); None when its subtags are unknown."""
    well_formed = re.fullmatch(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*", tag)
    # "root" is a word of CLDR's, which the library takes as well.
    if not well_formed or tag.lower() == "root" or not langcodes.tag_is_valid(tag):
        return None
    return str(langcodes.Language.get(tag, normalize=False).to_tag())


@extend_schema_field(
    {
        "type": "string",
        "maxLength": 64,
        "example": "2017-12-10",
        "description": "EDTF, levels 0 and 1: 2017-12-10, 2014-09, 2017~, 2020-02-21~/2020-02-29~",
    }
)
class Edtf(Text):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)

    def to_internal_value(self, data: object) -> str:
        return edtf(super().to_internal_value(data))


def edtf(text: str) -> str:
    """The date itself; raises ValidationError with reason and place."""
    try:
        return dates.parse(text).text
    except dates.InvalidDate as wrong:
        where = "" if wrong.position is None else f" (at character {wrong.position})"
        raise serializers.ValidationError(f"{wrong.reason}{where}", code="edtf") from None


@extend_schema_field({"type": "string", "format": "date", "example": "2020-03-14"})
class Day(Edtf):
    """A civil day and nothing less certain; one that is none is refused as other dates are."""

    default_error_messages = {"day": _("Send a day: 2020-03-14.")}
    PATTERN = re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}")

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        if not self.PATTERN.fullmatch(text):
            self.fail("day")
        return text

    def run_validation(self, data: Any = empty) -> date | None:
        text = super().run_validation(data)
        return None if text is None else date.fromisoformat(text)


DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?")


def decimal(text: str) -> Decimal:
    """Raises ValidationError unless it is plain decimal digits."""
    if not DECIMAL.fullmatch(text):
        raise serializers.ValidationError(
            _('A quantity is decimal digits with a point, such as "3", "-2.5" or "1400000".'),
            code="decimal",
        )
    return Decimal(text)


@extend_schema_field({"type": "string", "format": "uri", "maxLength": 2000})
class Url(Name):
    default_error_messages = {
        "url": _("This is not an absolute http or https URL."),
        "credentials": _("A URL is kept without user name and password."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        try:
            parts = urlsplit(value)
            host = parts.hostname
            _port = parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if parts.scheme not in {"http", "https"} or not host or re.search(r'[\s<>"\\^`{|}]', value):
            self.fail("url")
        if parts.username is not None or parts.password is not None:
            self.fail("credentials")
        return value


class Id(serializers.UUIDField):
    """The id of something recorded, as a UUID in its usual spelling."""

    PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

    default_error_messages = {"invalid": _("This is not an id: send a UUID as a string.")}

    def to_internal_value(self, data: object) -> UUID:
        if not isinstance(data, str) or not self.PATTERN.fullmatch(data):
            self.fail("invalid")
        return UUID(data)


@extend_schema_field({"type": "string", "pattern": "^[0-9a-f]{64}$"})
class Sha256(serializers.Field):
    default_error_messages = {"invalid": _("Send 64 lower-case hexadecimal digits.")}

    def to_internal_value(self, data: object) -> bytes:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9a-f]{64}", data):
            self.fail("invalid")
        return bytes.fromhex(data)


class Flag(serializers.BooleanField):
    default_error_messages = {"invalid": _("Send true or false.")}

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Count(serializers.IntegerField):
    """A number of code points, or a position counted from 0."""

    default_error_messages = {"invalid": _("Send a whole number, without quotes.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 2_000_000} | kwargs)

    def to_internal_value(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Whole(Count):
    """A number of any sign."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -1_000_000, "max_value": 1_000_000} | kwargs)


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class Share(serializers.Field):
    """A number from 0 to 1, kept to four places."""

    default_error_messages = {"invalid": _("Send a number from 0 to 1, without quotes.")}

    def to_internal_value(self, data: object) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | float) or not 0 <= data <= 1:
            self.fail("invalid")
        return Decimal(str(data)).quantize(Decimal("0.0001"))


class Choice(serializers.ChoiceField):
    default_error_messages = {"invalid_choice": _("This is none of: {choices}.")}

    def to_internal_value(self, data: object) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return super().to_internal_value(data)


class Instant(serializers.DateTimeField):
    """RFC 3339 with its offset from UTC; told in UTC."""

    default_error_messages = {
        "invalid": _("This is not an instant with its offset, such as 2020-03-14T09:30:00Z."),
        "overflow": _("Send an instant that is in the years 1 to 9999 in UTC too."),
    }
    PATTERN = re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
        r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
    )

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not self.PATTERN.fullmatch(value):
            self.fail("invalid", format="RFC 3339")
        try:
            return super().to_internal_value(value)
        except OverflowError:
            self.fail("invalid", format="RFC 3339")


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 300},
        "example": {"ar": "تحسين الخفاجي", "en": "Tahsin al-Khafaji"},
    }
)
class Names(serializers.DictField):
    """A name in each language: {"ar": "…", "en": "…"}."""

    default_error_messages = {
        "language": _("%(tag)s is not a registered language tag (BCP 47)."),
        "twice": _("%(tag)s stands there twice."),
        "too_many": _("There may be 100 at most."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"child": Name()} | kwargs)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and len(data) > MOST_NAMES:
            self.fail("too_many")
        given = super().to_internal_value(data)
        names: dict[str, str] = {}
        for tag, name in given.items():
            standard = standard_language(tag) if len(tag) <= 35 else None
            if standard is None or standard in names:
                key = "language" if standard is None else "twice"
                message = str(self.error_messages[key]) % {"tag": ascii(tag[:40])}
                raise serializers.ValidationError({tag[:40]: [message]}, code=key)
            names[standard] = name
        return names


class Listed(serializers.ListField):
    """A list without repetition, unless that is allowed, at most `max_length` long."""

    default_error_messages = {"twice": _("Something stands there twice.")}

    def __init__(self, *, repeating: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.repeating = repeating

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        values = list(super().to_internal_value(data))
        if not self.repeating and len(set(values)) < len(values):
            self.fail("twice")
        return values


class Body(serializers.Serializer):
    """What a request may say: fields that are not declared here are refused, not ignored."""

    default_error_messages = {"invalid": _("Send a JSON object.")}

    @property
    def edits(self) -> bool:
        """Whether it says what to change: then each of its fields may be left out.

        Django REST framework's `partial` would let the fields of what is nested be left out too,
        and half a fact is no fact.
        """
        return self is self.root and bool(self.context.get("edits"))

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()
        if self.edits:
            for field in fields.values():
                field.required, field.default = False, empty
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = data.keys() - self.field_names
            if unknown:
                raise serializers.ValidationError(
                    {name: [self.why_not(name)] for name in sorted(unknown)[:20]}
                )
        elif data is not None:
            raise serializers.ValidationError(
                {api_settings.NON_FIELD_ERRORS_KEY: [str(self.error_messages["invalid"])]}
            )
        values, wrong = {}, {}
        for name, field, check, may_lack in self.asked_for:
            # Django REST framework's own loop raises an exception for each that is left out.
            if may_lack and name not in data:
                continue
            try:
                value = field.run_validation(data.get(name, empty))
                values[name] = value if check is None else check(value)
            except serializers.ValidationError as refused:
                wrong[name] = refused.detail
            except SkipField:  # of a part of a document
                continue
        if wrong:
            raise serializers.ValidationError(wrong)
        return values

    def _read_only_defaults(self) -> dict[str, Any]:
        return {}  # nothing is read-only in what comes in

    @cached_property
    def field_names(self) -> frozenset[str]:
        return frozenset(self.fields)

    @cached_property
    def asked_for(
        self,
    ) -> list[tuple[str, serializers.Field, Callable[[Any], Any] | None, bool]]:
        """Each field with its name, what else checks it, and whether it may be left out."""
        return [
            (
                name,
                field,
                getattr(self, f"validate_{name}", None),
                not field.required and field.default is empty,
            )
            for name, field in self.fields.items()
        ]

    def why_not(self, name: str) -> str:
        # `answers` is the serializer of the answer: what only it has may not be set.
        answers = None if self.parent else self.context.get("answers")
        if answers is not None and name in answers().fields:
            return str(_("This field is read-only: leave it out."))
        return str(_("There is no such field here."))
