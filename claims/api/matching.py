"""Was this claimed before? What is answered, and what is told before a likely repeat is filed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from claims.api.composed import composer
from claims.api.rates import MATCHES, charge
from claims.errors import SimilarClaims
from claims.formats.matching import told
from claims.queries import documents
from claims.queries.matching import matching_claims
from claims.text.matching import LIKELY, Label, Match

KINDS = ["negation", "direction", "number", "date"]
REPEATS = 5  # that are told before a claim is filed


class ReasonsOut(serializers.Serializer):
    """What the text and the claim share."""

    word_for_word = serializers.BooleanField(
        help_text="Whether they have the same words, however these are written."
    )
    words = serializers.ListField(
        child=serializers.CharField(), help_text="Rare words, the rarest first, as they are folded."
    )
    names = serializers.ListField(
        child=serializers.CharField(), help_text="Of the rare words, those with a capital in both."
    )
    numbers = serializers.ListField(child=serializers.CharField())
    dates = serializers.ListField(
        child=serializers.CharField(), help_text="As EDTF; X where the text says nothing."
    )


class DifferenceOut(serializers.Serializer):
    kind = serializers.ChoiceField(choices=KINDS)
    asked = serializers.CharField(allow_null=True, help_text="In the text; null: nothing of it.")
    claim = serializers.CharField(allow_null=True, help_text="In the claim; null: nothing of it.")
    decides = serializers.BooleanField(
        help_text="Whether the two cannot be the same; not, where one of them only says less."
    )


def match_out(claim: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The document of a match, around that of a claim."""

    class MatchOut(serializers.Serializer):
        score = serializers.FloatField(
            min_value=0,
            max_value=1,
            help_text="How probable it is that this is the claim: of those with .8, four in five.",
        )
        label = serializers.ChoiceField(  # type: ignore[assignment]
            choices=[it.value for it in Label],
            help_text="`same`; `likely`; `differs`: as near as these, but a negation, a direction, "
            "a number or a date is another; `possible`: less than likely.",
        )
        reasons = ReasonsOut()
        differences = DifferenceOut(many=True, help_text="What is said otherwise, or not at all.")
        compared_with = serializers.CharField(
            help_text="The words of the claim, or of a passage where it stands, that come nearest."
        )
        claim_document = claim()

        def get_fields(self) -> dict[str, serializers.Field]:
            fields: dict[str, serializers.Field] = super().get_fields()
            return {"claim": fields.pop("claim_document"), **fields}

    return MatchOut


def found(
    claim: type[serializers.Serializer], asked: Sequence[Sequence[Match[UUID]]]
) -> list[list[dict[str, Any]]]:
    """The documents of matches, of each list of them; of all claims by one statement."""
    ids = list(dict.fromkeys(it.id for its in asked for it in its))
    texts = composer(claim, documents.claims).documents(ids)
    told_of = dict(zip(ids, map(orjson.loads, texts), strict=True))
    return [[{"claim": told_of[it.id], **told(it)} for it in its] for its in asked]


def refuse_repeat(
    request: Request, claim: type[serializers.Serializer], text: str, passage: str | None
) -> None:
    """Raises SimilarClaims where the text, or the passage that it is filed with, is a likely repeat
    of a claim."""
    asked = [text] if passage in (None, text) else [text, str(passage)]
    charge(request, MATCHES, len(asked))
    best: dict[UUID, Match[UUID]] = {}
    for it in (
        it for each in asked for it in matching_claims(each, limit=REPEATS, min_score=LIKELY)
    ):
        if it.id not in best or best[it.id].score < it.score:
            best[it.id] = it
    ranked = sorted(best.values(), key=lambda it: -it.score)[:REPEATS]
    if ranked:
        [candidates] = found(claim, [ranked])
        raise SimilarClaims(
            _(
                "Nothing was filed. If none of the candidates is this claim, send it again without "
                "similar=true; if one is, say of that one where it appears."
            ),
            candidates=candidates,
        )
