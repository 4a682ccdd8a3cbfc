from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.scales import change_scale
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.errors import Forbidden, NotFound
from claims.formats.answers import MemberNamed, OrganizationNamed, RatingOut
from claims.formats.desk import ScaleIn
from claims.models import Organization, RatingScale
from claims.moves import Rule
from claims.queries import documents
from claims.queries.scales import newest_scale


class RatingOnScale(RatingOut):
    """A label in each language, and what it stands for."""

    class Meta(RatingOut.Meta):
        fields = ["labels", "outcome", *RatingOut.Meta.fields[1:]]


class ScaleOut(serializers.ModelSerializer):
    organization = OrganizationNamed()
    ratings = RatingOnScale(source="its_ratings", many=True)
    created_by = MemberNamed(allow_null=True)

    class Meta:
        model = RatingScale
        fields = ["id", "organization", "version", "ratings", "created_by", "created_at"]


@extend_schema_view(
    list=extend_schema(
        summary="List the rating scales that an organization has had",
        description="Every version, the newest first: verdicts keep the one they were given by.",
    ),
    retrieve=extend_schema(summary="Read a version of an organization's rating scale"),
)
class Scales(Resource):
    """The labels that an organization rates by, each in its languages and with its outcome."""

    resource = "scales"
    model = RatingScale
    answers = ScaleOut
    asks = {"change": ScaleIn}
    orderings = ("-version", "version")

    made_of = staticmethod(documents.scales)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.parent(Organization, "organization"))

    @extend_schema(
        summary="Read the rating scale of an organization",
        description="The newest version; without ratings, its labels are free text. 404 where it "
        "has never had one: its labels are free text.",
    )
    def newest(self, request: Request, organization: str) -> Response | HttpResponse:
        scale = newest_scale(self.parent(Organization, "organization"))
        if scale is None:
            raise NotFound(_("This organization has no rating scale: its labels are free text."))
        return self.retrieve(request, str(scale.pk))

    @extend_schema(
        summary="Change the rating scale of your organization",
        description="A new version, with all that it has: verdicts that are issued keep theirs. "
        "Needs `If-Match` with the ETag of the newest version, where there is one.",
        request=ScaleIn,
        responses={200: ScaleOut, 201: ScaleOut},
    )
    @writes
    def change(self, request: Request, organization: str) -> Response:
        organization_id = self.own_organization()
        asked = self.asked(request)
        is_first = newest_scale(organization_id) is None
        scale = change_scale(
            organization_id=organization_id, **asked, by=self.member, if_match=if_match(request)
        )
        at = f"/api/v1/organizations/{organization_id}/scales/{scale.pk}/"
        return self.told(scale, status=201 if is_first else 200, headers={"Content-Location": at})

    def own_organization(self) -> UUID:
        organization_id = self.id_of(self.kwargs["organization"])
        if organization_id != self.member.organization_id:
            self.parent(Organization, "organization")
            raise Forbidden.by(Rule.ITS_OWN_EDITORS)
        return organization_id
