"""The dossier: a JSON file that holds an article or an event with its speakers and claims.

Things name each other by keys of their own. A key means the same thing in all dossiers of one
namespace, so that dossiers about the same matters share their speakers.
"""

import hashlib
import re
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.errors import Invalid
from claims.formats.fields import (
    Body,
    Context,
    Count,
    Listed,
    Name,
    Names,
    Text,
    faults_in,
)
from claims.formats.requests import (
    MOST_PASSAGE,
    ArticleIn,
    ClaimIn,
    PublisherIn,
    SnapshotIn,
    SpeakerIn,
    VerdictIn,
)

VERSION = 1
MOST_ENTRIES = 1_000  # of a kind: a dossier is one article or event, imported in one go
KINDS = ("publishers", "speakers", "articles", "claims")
PASSAGE = ("exact", "prefix", "suffix", "start", "end")


class Version(serializers.ChoiceField):
    """The version of this format, as a number."""

    def to_internal_value(self, data: Any) -> Any:
        # The stock field takes "1" for 1.
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "string",
        "pattern": "^[a-z0-9._-]{1,100}$",
        "example": "tahsin-al-khafaji",
        "description": "Names a thing within the namespace.",
    }
)
class Key(Text):
    default_error_messages = {
        "key": _("A key is 1 to 100 of a–z, 0–9, '.', '_' and '-'."),
    }
    PATTERN = re.compile(r"[a-z0-9._-]{1,100}")

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        if not self.PATTERN.fullmatch(value):
            self.fail("key")
        return value


class DossierPublisher(PublisherIn):
    key = Key()


class DossierSpeaker(SpeakerIn):
    key = Key()


class DossierArticle(ArticleIn):
    """Of an article that is recorded at its url already, the record is kept as it is."""

    key = Key()
    publisher = Key(help_text="A key of `publishers`.")  # type: ignore[assignment]
    snapshot = SnapshotIn(required=False, allow_null=True)


class DossierAppearance(Body):
    """A passage of the article's snapshot, or the article as a whole."""

    article = Key(help_text="A key of `articles`.")
    exact = Text(max_length=MOST_PASSAGE, required=False, allow_null=True)
    prefix = Context(max_length=300, required=False)
    suffix = Context(max_length=300, required=False)
    start = Count(required=False, allow_null=True)
    end = Count(required=False, allow_null=True)
    relayed_by = Listed(
        child=Key(),
        required=False,
        max_length=20,
        help_text="Keys of `speakers`, in order from the speaker of the claim on.",
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        given = {name for name in PASSAGE if asked.get(name) is not None}
        if {"start", "end"} <= given and asked["end"] <= asked["start"]:
            raise serializers.ValidationError({"end": _("The end comes after the start.")})
        if given and "exact" not in given and not {"start", "end"} <= given:
            raise serializers.ValidationError(
                {"exact": _("Say which passage: exact, or start and end. Or leave out all of it.")}
            )
        return asked


class DossierClaim(ClaimIn):
    key = Key()
    speaker = Key(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="A key of `speakers`."
    )
    asserts = Listed(
        child=Key(),
        required=False,
        max_length=100,
        help_text="Keys of `claims` that are facts.",
    )
    appearance = None  # type: ignore[assignment]
    appearances = DossierAppearance(  # type: ignore[call-arg]
        many=True, required=False, max_length=100
    )
    verdicts = VerdictIn(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=100,
        help_text=(
            "Of the importing organization, in their order. Left out where it has judged otherwise."
        ),
    )


class Dossier(Body):
    """An article or an event with its speakers and claims."""

    isnad_dossier = Version(choices=[VERSION], help_text="The version of this format.")
    namespace = Name(help_text="Keys mean the same in all dossiers of one namespace.")
    title = Names()
    publishers = DossierPublisher(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_ENTRIES
    )
    speakers = DossierSpeaker(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_ENTRIES
    )
    articles = DossierArticle(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_ENTRIES
    )
    claims = DossierClaim(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_ENTRIES
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        wrong: dict[str, Any] = {}
        for kind in KINDS:
            seen: set[str] = set()
            for i, entry in enumerate(asked.get(kind, ())):
                if entry["key"] in seen:
                    twice = _("This key stands there twice: %s.") % entry["key"]
                    wrong.setdefault(kind, {})[str(i)] = {"key": [twice]}
                seen.add(entry["key"])
        if wrong:
            raise serializers.ValidationError(wrong)
        return asked


def read(document: object) -> dict[str, Any]:
    """The dossier in a JSON document. Raises Invalid, pointing at every fault of shape."""
    if not isinstance(document, dict):
        raise Invalid.at("#", _("A dossier is a JSON object."))
    dossier = Dossier(data=document)
    if not dossier.is_valid():
        raise Invalid(_("This is no sound dossier."), faults=faults_in(dossier.errors))
    return dict(dossier.validated_data)


def digest_of(entry: dict[str, Any]) -> bytes:
    """What an entry says, as a hash: the same for the same words in any order of fields."""
    said = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(said).digest()
