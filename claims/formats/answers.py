"""Documents that are shown inside others, and fields that several documents share."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.models import Article, Member, Organization, Publisher, Speaker


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


@extend_schema_field({"type": "string", "pattern": "^[0-9a-f]{64}$"})
class Hex(serializers.Field):
    """Bytes as lower-case hexadecimal digits."""

    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


class Number(serializers.IntegerField):
    """Of the Change that made the row: its place in the feed and in the transparency log."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = "Its number in the feed and the transparency log; null until it has one."
        super().__init__(allow_null=True, read_only=True, help_text=help_text, **kwargs)


class Part(serializers.Field):
    """A document inside another, of a row that `pick` derives; null when there is none.

    Its serializer is made once for a whole list, not once for each row.
    """

    document: type[serializers.Serializer]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.serializer = self.document()

    def pick(self, value: Any) -> Any:
        """The row itself where `value` is one, of a list the first."""
        if isinstance(value, list):
            return value[0] if value else None
        return value

    def to_representation(self, value: Any) -> Any:
        row = self.pick(value)
        return None if row is None else self.serializer.to_representation(row)
