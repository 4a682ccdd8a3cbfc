"""Bodies of requests: what can be said about each thing, by HTTP or in a file.

They check shape alone; whether it makes sense is decided by the actions.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from claims.formats.fields import (
    Body,
    Choice,
    Context,
    Count,
    Day,
    Edtf,
    Flag,
    Id,
    Instant,
    Language,
    Listed,
    Name,
    Names,
    Sha256,
    Share,
    Text,
    Url,
    decimal,
    edtf,
)
from claims.formats.matching import Reasons
from claims.vocabulary import (
    ChangeType,
    Kind,
    Outcome,
    RelationType,
    Scope,
    SpeakerType,
    Speech,
    Stance,
    Status,
    ValueType,
)

MOST_ARTICLE_TEXT = 1_000_000
MOST_CLAIM_TEXT = 10_000
MOST_PASSAGE = 50_000
MOST_CONTEXT = 300
MOST_RATIONALE = 50_000
MOST_EVIDENCE = 100
MOST_LABEL = 80
MOST_ROLES = 100
MOST_TEXTS = 100
MOST_ROWS = 1_000


class Rows(serializers.ListField):
    """Bodies of single requests. Each is checked by itself, so that it is refused by itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, max_length=MOST_ROWS, **kwargs)

    def run_child_validation(self, data: Any) -> Any:
        return data


class PublisherIn(Body):
    name = Name()
    names = Names(required=False)
    url = Url(required=False, allow_null=True)


class SpeakerRoleIn(Body):
    """What a speaker is or was: spokesman of the Iraqi Joint Operations Command, say."""

    title = Name()
    titles = Names(default=dict)
    since = Edtf(default=None, allow_null=True)
    until = Edtf(default=None, allow_null=True)


class SpeakerIn(Body):
    type = Choice(choices=SpeakerType.choices)
    name = Name()
    names = Names(required=False)
    other_names = Listed(child=Name(), required=False, max_length=100)
    same_as = Listed(child=Url(), required=False, max_length=50)
    roles = SpeakerRoleIn(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_ROLES
    )

    def validate_roles(self, roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [dict(role) for role in roles]


class SpeakersIn(Body):
    rows = Rows(child=SpeakerIn())


class SnapshotIn(Body):
    """A text, or of a withheld one what is known: its hash and length."""

    text = Text(max_length=MOST_ARTICLE_TEXT, required=False)
    withheld = Flag(default=False)
    sha256 = Sha256(required=False, help_text="Of a withheld text.")
    length = Count(required=False, help_text="Of a withheld text, in code points.")
    captured_at = Instant(required=False)

    def validate_captured_at(self, captured_at: datetime) -> datetime:
        # One minute for clocks that differ. A text from the future would stay the newest.
        if captured_at > timezone.now() + timedelta(minutes=1):
            raise serializers.ValidationError(_("This is yet to come."))
        return captured_at

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        described = {"sha256", "length"} & asked.keys()
        if "text" in asked:
            if described:
                raise serializers.ValidationError(
                    {name: _("It is worked out from the text: leave it out.") for name in described}
                )
        elif not asked["withheld"]:
            raise serializers.ValidationError(
                {"text": _("Send the text, or withheld: true with sha256 and length.")}
            )
        elif len(described) < 2:
            raise serializers.ValidationError(
                {"sha256": _("Of a withheld text, send sha256 and length, or the text itself.")}
            )
        return asked


class TextWithDates(Body):
    """A text in which to find dates; it is not stored."""

    text = Text(max_length=MOST_ARTICLE_TEXT, help_text="Where to look, in Arabic or English.")
    language = Language(
        default=None,
        allow_null=True,
        help_text="Of the text. It says in which order 3/4/2020 is meant; null: not known.",
    )
    date_published = Edtf(
        default=None,
        allow_null=True,
        help_text="The day against which dates such as `yesterday` are told; null: not known.",
    )


class ArticleIn(Body):
    publisher = Id()
    headline = Name(max_length=1000, required=False, allow_null=True)
    language = Language()
    date_published = Edtf(required=False, allow_null=True)
    url = Url(required=False, allow_null=True)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not self.edits and asked.get("headline") is None and asked.get("url") is None:
            raise serializers.ValidationError(
                {"headline": _("An article is known by its headline or its url: send one.")}
            )
        return asked


class ArticleWithText(ArticleIn):
    text = Text(
        max_length=MOST_ARTICLE_TEXT, required=False, help_text="Becomes the first snapshot."
    )
    withheld = Flag(default=False, help_text="Keep hash and length of the text alone.")

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["withheld"] and "text" not in asked:
            raise serializers.ValidationError(
                {"withheld": _("Without a text there is nothing to withhold.")}
            )
        return super().validate(asked)


class ArticlesIn(Body):
    rows = Rows(child=ArticleWithText())


class AppearanceIn(Body):
    """A passage of a snapshot, by `exact` or by `start` and `end`; or an article as a whole."""

    snapshot = Id(required=False, allow_null=True)
    article = Id(required=False, allow_null=True)
    exact = Text(max_length=MOST_PASSAGE, required=False, allow_null=True)
    prefix = Context(max_length=MOST_CONTEXT, required=False)
    suffix = Context(max_length=MOST_CONTEXT, required=False)
    start = Count(required=False, allow_null=True)
    end = Count(required=False, allow_null=True)
    relayed_by = Listed(child=Id(), required=False, max_length=20)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        passage = [name for name in ("exact", "start", "end") if asked.get(name) is not None]
        start, end = asked.get("start"), asked.get("end")
        if start is not None and end is not None and end <= start:
            raise serializers.ValidationError({"end": _("The end comes after the start.")})
        if asked.get("snapshot") is None:
            if asked.get("article") is None:
                raise serializers.ValidationError(
                    {"snapshot": _("Name the snapshot, or the article where no text is recorded.")}
                )
            context = [name for name in ("prefix", "suffix") if name in asked]
            if passage or context:
                raise serializers.ValidationError(
                    {
                        name: _("A passage is marked in a snapshot: name it.")
                        for name in passage + context
                    }
                )
        elif "exact" not in passage and not {"start", "end"} <= set(passage):
            raise serializers.ValidationError(
                {"exact": _("Say which passage: exact, or start and end.")}
            )
        return asked


class FactIn(Body):
    subject = Name()
    property = Name()
    value = Text(max_length=1000, required=False, allow_null=True)
    value_type = Choice(choices=ValueType.choices)
    unit = Name(max_length=80, required=False, allow_null=True)
    approximate = Flag(required=False, allow_null=True)
    lower = Text(max_length=64, required=False, allow_null=True)
    upper = Text(max_length=64, required=False, allow_null=True)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in asked.items() if value is not None}
        if asked["value_type"] == ValueType.QUANTITY:
            self.check_quantity(given)
        else:
            odd = [name for name in ("unit", "approximate", "lower", "upper") if name in given]
            if odd:
                raise serializers.ValidationError(
                    {name: _("Only a quantity has this: leave it out.") for name in odd}
                )
            if "value" not in given:
                raise serializers.ValidationError({"value": _("A fact states a value.")})
            if asked["value_type"] == ValueType.DATE:
                within("value", edtf, given["value"])
        return asked

    def check_quantity(self, given: dict[str, Any]) -> None:
        numbers = {
            name: within(name, decimal, given[name])
            for name in ("lower", "value", "upper")
            if name in given
        }
        if not numbers:
            raise serializers.ValidationError(
                {"value": _("A quantity has a value, or a range: lower, upper or both.")}
            )
        in_order = list(numbers.values())
        if in_order != sorted(in_order):
            raise serializers.ValidationError(
                {"upper": _("The range is lower, value, upper in rising order.")}
            )


def within(name: str, check: Any, value: str) -> Any:
    """Run a check of a value; what it refuses points at the field `name`."""
    try:
        return check(value)
    except serializers.ValidationError as wrong:
        raise serializers.ValidationError({name: wrong.detail}) from None


class ClaimEdit(Body):
    text = Text(max_length=MOST_CLAIM_TEXT)
    speaker = Id(required=False, allow_null=True)
    fact = FactIn(required=False)


class ClaimIn(Body):
    kind = Choice(choices=Kind.choices)
    text = Text(max_length=MOST_CLAIM_TEXT)
    language = Language()
    speaker = Id(required=False, allow_null=True)
    stated_on = Edtf(required=False, allow_null=True)
    fact = FactIn(required=False, allow_null=True)
    speech = Choice(choices=Speech.choices, required=False, allow_null=True)
    asserts = Listed(child=Id(), required=False, max_length=100)
    appearance = AppearanceIn(required=False, allow_null=True)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        wrong = {}
        if asked["kind"] == Kind.FACT:
            if asked.get("fact") is None:
                wrong["fact"] = _("A fact has subject, property, value and value_type.")
            if asked.get("speech") is not None:
                wrong["speech"] = _("Only a statement is direct or indirect speech.")
            if asked.get("asserts"):
                wrong["asserts"] = _("Only a statement asserts facts.")
        else:
            if asked.get("fact") is not None:
                wrong["fact"] = _("A statement has no fact of its own: use asserts.")
            if asked.get("speaker") is None:
                wrong["speaker"] = _("A statement needs its speaker.")
            if asked.get("speech") is None:
                wrong["speech"] = _("Say whether the statement is direct or indirect speech.")
        if wrong:
            raise serializers.ValidationError(wrong)
        return asked


class ClaimsIn(Body):
    rows = Rows(child=ClaimIn())


class MatchIn(Body):
    """One text, or up to a hundred, or a claim, of which claims are asked for that say the same."""

    text = Text(max_length=MOST_CLAIM_TEXT, required=False)
    claim = Id(
        required=False,
        help_text="Of the record: what may repeat it, but for claims about which, and this one, "
        "somebody has decided (`claims/{id}/relations/`).",
    )
    texts = Listed(
        child=Text(max_length=MOST_CLAIM_TEXT),
        required=False,
        min_length=1,
        max_length=MOST_TEXTS,
        repeating=True,
    )
    language = Language(
        required=False,
        allow_null=True,
        help_text="Only claims in this language: `ar` finds ar, ar-IQ and the like.",
    )
    limit = Count(default=10, min_value=1, max_value=50, help_text="Matches of a text, at most.")
    min_score = Share(default=0.0, help_text="No match that is less probable.")

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if sum(name in asked for name in ("text", "texts", "claim")) != 1:
            raise serializers.ValidationError(
                {"text": _("Send one text as text, or several as texts, or the id of a claim.")}
            )
        return asked


class MatchLine(MatchIn):
    """A line of a file of texts."""

    id = Text(max_length=300, required=False, help_text="Told again with the answer.")


class ClaimLine(ClaimIn):
    """A claim in a file of many, one a line."""

    id = Id(required=False, help_text="Of your making: a claim that has it is not filed again.")


class SuggestionsIn(Body):
    """Of which text to propose claims."""

    snapshot = Id(required=False, help_text="Of this article; the newest, where it is left out.")


class EvidenceIn(Body):
    url = Url()
    stance = Choice(choices=Stance.choices)
    title = Name(max_length=1000, required=False, allow_null=True)
    quote = Text(max_length=10_000, required=False, allow_null=True)
    archive_url = Url(required=False, allow_null=True)
    derived_from = Count(
        required=False,
        allow_null=True,
        help_text="The position, from 0, of an earlier piece of this list that this one copies.",
    )


class RelationIn(Body):
    """How a claim is to another one, and what the match said that suggested the pair."""

    other = Id()
    relation = Choice(choices=RelationType.choices)
    score = Share(required=False, allow_null=True)
    reasons = Reasons(required=False)


class MoveIn(Body):
    """A finding, and what it rests on."""

    rationale = Text(max_length=MOST_RATIONALE)
    label = Name(  # type: ignore[assignment]
        max_length=MOST_LABEL, required=False, allow_null=True
    )
    evidence = EvidenceIn(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_EVIDENCE
    )
    url = Url(required=False, allow_null=True, help_text="Where the review is published.")
    title = Name(max_length=1000, required=False, allow_null=True)
    language = Language(required=False, allow_null=True)
    date_published = Edtf(required=False, allow_null=True)
    valid_until = Day(required=False, allow_null=True)
    recheck_on = Day(required=False, allow_null=True)

    def validate_evidence(self, pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wrong = {
            str(i): {"derived_from": [_("This names an earlier piece of the list, from 0.")]}
            for i, piece in enumerate(pieces)
            if (source := piece.get("derived_from")) is not None and source >= i
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return [dict(piece) for piece in pieces]


class VerdictIn(MoveIn):
    outcome = Choice(choices=Outcome.choices)


class DraftIn(VerdictIn):
    claim = Id()


class ReturnIn(Body):
    reasons = Text(max_length=MOST_RATIONALE, help_text="What its author should mend.")


class ApiKeyIn(Body):
    label = Name(max_length=80)  # type: ignore[assignment]
    scopes = Listed(child=Choice(choices=Scope.choices), max_length=2, min_length=1)
    expires_at = Instant(required=False, allow_null=True)
    member = Id(required=False, help_text="For whom; an admin may name another member.")

    def validate_expires_at(self, expires_at: Any) -> Any:
        if expires_at is not None and expires_at <= timezone.now():
            raise serializers.ValidationError(_("This is past already."))
        return expires_at


class WebhookFiltersIn(Body):
    """What to be told of alone; what is null or left out asks for nothing."""

    claim = Id(required=False, allow_null=True)
    status = Choice(choices=Status.choices, required=False, allow_null=True)
    language = Language(required=False, allow_null=True)
    organization = Id(required=False, allow_null=True)


class WebhookIn(Body):
    url = Url(help_text="Called by POST, over https.")
    types = Listed(
        child=Choice(choices=ChangeType.choices),
        default=list,
        max_length=len(ChangeType),
        help_text="Of which changes to be told; none means all.",
    )
    filters = WebhookFiltersIn(default=dict)


class WebhookEdit(WebhookIn):
    paused = Flag(required=False, help_text="true pauses; false resumes, and tries again at once.")
    ended = Flag(required=False, help_text="true ends it for good.")

    def validate_ended(self, ended: bool) -> bool:
        if not ended:
            raise serializers.ValidationError(_("What has ended stays so: make a new webhook."))
        return ended


class SecretRotation(Body):
    previous_valid_for = Count(
        default=86_400,
        max_value=604_800,
        help_text="Seconds for which the old secret signs as well.",
    )


class ReplayIn(Body):
    after = Count(max_value=2**63 - 1, help_text="Deliver all numbers higher than this again.")
