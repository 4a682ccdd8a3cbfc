"""What is answered to who asks which claims a text carries."""

from typing import get_args

from rest_framework import serializers

from claims.text.quotations import Reason
from claims.vocabulary import Kind, Speech


class AppearanceProposed(serializers.Serializer):
    snapshot = serializers.UUIDField()
    exact = serializers.CharField()
    prefix = serializers.CharField()
    suffix = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    relayed_by = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="Those of the chain that are recorded, one speaker fitting each.",
    )


class ClaimProposed(serializers.Serializer):
    """A body for `POST /api/v1/claims/`."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    text = serializers.CharField()
    language = serializers.CharField(help_text="The article's.")
    speaker = serializers.UUIDField(
        allow_null=True,
        help_text="The one recorded speaker whom the naming fits; null where none or several do: "
        "choose or record one then.",
    )
    speech = serializers.ChoiceField(choices=Speech.choices)
    appearance = AppearanceProposed()


class PlaceOut(serializers.Serializer):
    text = serializers.CharField(help_text="The words, as the snapshot has them.")
    start = serializers.IntegerField(help_text="The code points before it.")
    end = serializers.IntegerField(help_text="The code points before its end.")


class SpeakerFitting(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class NamingOut(serializers.Serializer):
    """Somebody as a text names them, and who of the record that may be."""

    text = serializers.CharField(help_text="The words, as the snapshot has them.")
    start = serializers.IntegerField(
        allow_null=True, help_text="The code points before it; null for the publisher."
    )
    end = serializers.IntegerField(
        allow_null=True, help_text="The code points before its end; null for the publisher."
    )
    known_as = PlaceOut(
        allow_null=True, help_text="A fuller naming of the same one in the text; null if none."
    )
    fitting = SpeakerFitting(
        many=True, help_text="Recorded speakers whom the naming fits, ten at most."
    )


class DateFound(PlaceOut):
    value = serializers.CharField(
        allow_null=True, help_text="The date in EDTF; null where the text does not tell enough."
    )


class NumberFound(PlaceOut):
    value = serializers.CharField(
        allow_null=True,
        help_text="In decimal digits; null where the digits can be read in two ways.",
    )
    percent = serializers.BooleanField(help_text="Whether it is a share of a hundred.")


class SuggestionOut(serializers.Serializer):
    claim = ClaimProposed(help_text="The body that files it, sent to `POST /api/v1/claims/`.")
    speaker = NamingOut(
        allow_null=True, help_text="Who is likely to say so; null where the text does not tell."
    )
    chain = NamingOut(
        many=True, help_text="Through whom it is likely to have come, from the speaker on."
    )
    dates = DateFound(many=True, help_text="The dates of its sentence.")
    numbers = NumberFound(many=True, help_text="The numbers of its sentence that are in digits.")
    reason = serializers.ChoiceField(
        choices=[(it, it) for it in get_args(Reason)], help_text="Why it is proposed."
    )
    verb = PlaceOut(
        allow_null=True,
        help_text="The word that says that somebody speaks; null where a quotation goes on.",
    )
    filed = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="The claims that are filed already with this passage or most of it.",
    )


class SuggestionsOut(serializers.Serializer):
    snapshot = serializers.UUIDField(help_text="The snapshot that was looked at.")
    complete = serializers.BooleanField(
        help_text="false where the text has more than 500 and the first of them are told."
    )
    results = SuggestionOut(many=True)
