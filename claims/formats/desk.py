"""Bodies of requests about a desk: how it is set up, who works there, its queue and its notes."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.formats.fields import (
    Body,
    Choice,
    Flag,
    Id,
    Instant,
    Listed,
    Name,
    Names,
    Text,
    Url,
    Whole,
)
from claims.formats.requests import MOST_LABEL
from claims.vocabulary import JUDGEMENTS, Outcome, Priority, ReviewPolicy, Role

MOST_RATINGS = 50
FINDINGS = [it for it in Outcome.choices if it[0] in JUDGEMENTS]
MOST_NOTE = 50_000
MOST_MENTIONS = 100


class OrganizationIn(Body):
    name = Name()
    url = Url(required=False, allow_null=True)


class OrganizationEdit(OrganizationIn):
    review_policy = Choice(
        choices=ReviewPolicy.choices,
        required=False,
        help_text="Who confirms a verdict before it stands: nobody (none), another member who may "
        "judge (second_member), or an editor who is not its author (editor).",
    )


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "minLength": 1, "maxLength": MOST_LABEL},
        "minProperties": 1,
        "example": {"ar": "خطأ", "en": "False"},
    }
)
class Labels(Names):
    """What a rating is called in each language, at least in one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Name(max_length=MOST_LABEL), allow_empty=False, **kwargs)


class RatingIn(Body):
    """One of the labels that an organization rates by."""

    labels = Labels()
    outcome = Choice(choices=FINDINGS)
    worst = Whole(required=False, allow_null=True)
    best = Whole(required=False, allow_null=True)
    value = Whole(required=False, allow_null=True)

    def validate(self, rating: dict[str, Any]) -> dict[str, Any]:
        numbers: list[Any] = [rating.get(name) for name in ("worst", "value", "best")]
        if numbers == [None] * 3:
            return rating
        if None in numbers:
            raise serializers.ValidationError(
                {"value": [_("Send worst, best and value, or none of the three.")]}
            )
        worst, value, best = numbers
        if worst >= best:
            raise serializers.ValidationError({"best": [_("The best is higher than the worst.")]})
        if not worst <= value <= best:
            raise serializers.ValidationError({"value": [_("Send one from worst to best.")]})
        return rating


class ScaleIn(Body):
    """All that an organization rates by from now on."""

    ratings = RatingIn(  # type: ignore[call-arg]
        many=True, max_length=MOST_RATINGS, help_text="In order; none at all: labels are free text."
    )

    def validate_ratings(self, ratings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: dict[str, int] = {}
        wrong: dict[str, Any] = {}
        for i, rating in enumerate(ratings):
            for tag, label in rating["labels"].items():
                if seen.setdefault(label, i) != i:
                    twice = [_("This is the label of an earlier rating as well.")]
                    wrong.setdefault(str(i), {}).setdefault("labels", {})[tag] = twice
        if wrong:
            raise serializers.ValidationError(wrong)
        return [dict(rating) for rating in ratings]


class MemberIn(Body):
    name = Name()
    role = Choice(choices=Role.choices)


class MemberEdit(MemberIn):
    ended = Flag(required=False, help_text="true ends the membership, false takes it up again.")


class QueueIn(Body):
    """What claim is to wait in the queue, and until when it should be judged."""

    claim = Id()
    due_at = Instant(
        required=False,
        allow_null=True,
        help_text="When it should be judged. Of a claim that waits already, the earlier one stays.",
    )


class QueueEdit(Body):
    priority = Choice(choices=Priority.choices)
    due_at = Instant(allow_null=True, help_text="When it should be judged; null: some time.")
    dropped = Flag(help_text="true takes it out of the queue for good.")

    def validate_dropped(self, dropped: bool) -> bool:
        if not dropped:
            raise serializers.ValidationError(
                _("What is out of the queue stays so: put the claim into it again.")
            )
        return dropped


class AssignmentIn(Body):
    assignee = Id(allow_null=True, help_text="Who is to judge it; null: whoever takes it.")
    due_at = Instant(
        required=False,
        allow_null=True,
        help_text="When it should be judged; left out, this stays as it is.",
    )


class NoteIn(Body):
    text = Text(max_length=MOST_NOTE)
    mentions = Listed(
        child=Id(), default=list, max_length=MOST_MENTIONS, help_text="Members whom it concerns."
    )
