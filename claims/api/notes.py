from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.notes import write_note
from claims.api.filtering import IdFilter, MemberFilter
from claims.api.idempotency import writes
from claims.api.resource import Resource
from claims.formats.answers import Each, MemberNamed
from claims.formats.desk import NoteIn
from claims.models import Claim, Note
from claims.queries import documents


class NoteOut(serializers.ModelSerializer):
    text = serializers.CharField(
        source="content.text", allow_null=True, help_text="Null when a law forced it out."
    )
    mentions = Each(
        "member",
        child=MemberNamed(),
        source="mentioned",
        help_text="Members whom it concerns, in the order of the note.",
    )
    created_by = MemberNamed(allow_null=True)

    class Meta:
        model = Note
        fields = ["id", "claim", "text", "mentions", "created_at", "created_by"]


class OfOwnOrganization(Resource):
    model = Note
    answers = NoteOut
    orderings = ("-created_at", "created_at")

    made_of = staticmethod(documents.notes)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.member.organization_id)


@extend_schema_view(
    list=extend_schema(summary="List the notes of your organization on a claim"),
    retrieve=extend_schema(summary="Read a note"),
)
class Notes(OfOwnOrganization):
    """What members of your organization wrote about a claim, for each other. Nobody else sees
    that there is a note; none is changed."""

    resource = "notes"
    asks = {"create": NoteIn}

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().visible(rows).filter(claim_id=self.parent(Claim, "claim"))

    @extend_schema(summary="Write a note", request=NoteIn)
    @writes
    def create(self, request: Request, claim: str) -> Response:
        asked = self.asked(request)
        note = write_note(claim_id=self.id_of(claim), **asked, by=self.member)
        return self.created(note, at=f"/api/v1/claims/{claim}/notes/{note.pk}/")


class NoteFilters(filters.FilterSet):
    mentions = MemberFilter(field_name="mentions__member")
    created_by = MemberFilter()
    claim = IdFilter()

    class Meta:
        model = Note
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(
        summary="List the notes of your organization",
        description="`mentions=me`: those that concern you.",
    ),
)
class DeskNotes(OfOwnOrganization):
    """The notes of your organization, whatever claims they are about."""

    resource = "desk-notes"
    filterset = NoteFilters
    retrieve = None  # type: ignore[assignment]
