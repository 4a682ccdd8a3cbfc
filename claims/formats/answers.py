"""Documents that are shown inside others, and fields that several documents share."""

from typing import Any

from django.db.models import Expression, Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.formats.composing import (
    At,
    Literal,
    array,
    concat,
    document,
    first,
    or_null,
    plain,
    when,
    whole,
)
from claims.models import Article, Claim, Member, Organization, Publisher, Rating, Speaker
from claims.vocabulary import Outcome, Status


class Named(serializers.ModelSerializer):
    """Just enough of a row to show it in another document."""

    class Meta:
        fields = ["id", "name"]


class PublisherNamed(Named):
    class Meta(Named.Meta):
        model = Publisher


class SpeakerNamed(Named):
    class Meta(Named.Meta):
        model = Speaker


class OrganizationNamed(Named):
    class Meta(Named.Meta):
        model = Organization


class MemberNamed(Named):
    class Meta(Named.Meta):
        model = Member


class ArticleNamed(serializers.ModelSerializer):
    publisher = PublisherNamed()

    class Meta:
        model = Article
        fields = ["id", "headline", "url", "date_published", "publisher"]


class ClaimBrief(serializers.ModelSerializer):
    """Enough of a claim to know it again in a list of work."""

    class Meta:
        model = Claim
        fields = ["id", "kind", "text", "language", "status"]


class RatingOut(serializers.ModelSerializer):
    labels = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Rating
        fields = ["labels", "worst", "best", "value"]


@extend_schema_field({"type": "string", "pattern": "^[0-9a-f]{64}$"})
class Hex(serializers.Field):
    """Bytes as lower-case hexadecimal digits."""

    spelling = "('\"' || encode({}, 'hex') || '\"')"

    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


class Number(serializers.IntegerField):
    """Of the Change that made the row: its place in the feed and in the transparency log."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = "Its number in the feed and the transparency log; null until it has one."
        super().__init__(allow_null=True, read_only=True, help_text=help_text, **kwargs)


class Part(serializers.Field):
    """A document inside another: of the same row, or of the first of those in `source`.

    only: when the same row has one; leads_to: from the row to the one that is shown. Null where
    there is none. Its serializer is made once for a whole list, not once for each row.
    """

    document: type[serializers.Serializer]
    only: dict[str, Any] = {}
    leads_to: str | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.serializer = self.document()

    def to_representation(self, value: Any) -> Any:
        row = (value[0] if value else None) if isinstance(value, list) else value
        if row is None or any(getattr(row, name) != only for name, only in self.only.items()):
            return None
        shown = row if self.leads_to is None else getattr(row, self.leads_to)
        return self.serializer.to_representation(shown)

    def composed(self, at: At) -> Expression:
        if self.source == "*":
            return when(Q(**self.only), document(self.serializer, at))
        return or_null(first(at.hanging(str(self.source)), self.shown))

    def shown(self, at: At) -> Expression:
        return whole(self.serializer, at if self.leads_to is None else at.step(self.leads_to))


class Each(serializers.ListField):
    """Of several rows, `column` alone, or the row that it leads to."""

    def __init__(self, column: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.column = column

    def to_representation(self, rows: list[Any]) -> list[Any]:
        return [self.child.to_representation(getattr(row, self.column)) for row in rows]

    def composed(self, at: At) -> Expression:
        return array(at.hanging(str(self.source)), self.shown)

    def shown(self, at: At) -> Expression:
        if isinstance(self.child, serializers.Serializer):
            return whole(self.child, at.step(self.column))
        return plain(self.child, at, self.column)


class SidesOut(serializers.Serializer):
    """Whose verdicts, of those that stand, contradict each other; in the order of these."""

    verified = OrganizationNamed(many=True, help_text="Who find that it is so.")
    disputed = OrganizationNamed(many=True, help_text="Who find that it is not so.")


@extend_schema_field(SidesOut(allow_null=True))
class Disagreement(serializers.Field):
    """Who disagrees about a claim. Null where nobody does; who cannot decide takes no side."""

    SIDES = (Outcome.VERIFIED, Outcome.DISPUTED)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.named = OrganizationNamed()

    def to_representation(self, claim: Claim) -> Any:
        if claim.status != Status.CONTESTED:
            return None
        standing: Any = claim.standing_verdicts  # type: ignore[attr-defined]
        return {
            side.value: [
                self.named.to_representation(it.organization)
                for it in standing
                if it.outcome == side
            ]
            for side in self.SIDES
        }

    def composed(self, at: At) -> Expression:
        texts: list[Expression] = []
        for side in self.SIDES:
            standing = at.hanging("standing_verdicts").filter(outcome=side)
            texts += [Literal(f'{"," if texts else "{"}"{side.value}":')]
            texts += [array(standing, lambda it: whole(self.named, it.step("organization")))]
        # Of the others nothing is looked for.
        return when(Q(status=Status.CONTESTED), concat([*texts, Literal("}")]))
