from functools import cache
from typing import Any

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.judging import Judged
from claims.actions.verdicts import judge_claim
from claims.api.composed import composer, fetched
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.resource import Resource
from claims.formats.answers import MemberNamed, Number, OrganizationNamed, RatingOut
from claims.formats.composing import Statement
from claims.formats.requests import VerdictIn
from claims.formats.telling import telling
from claims.models import Claim, Evidence, Verdict
from claims.queries import documents
from claims.queries.etags import tag_of_new


class EvidenceOut(serializers.ModelSerializer):
    quote = serializers.CharField(source="quote.text", default=None, allow_null=True)

    class Meta:
        model = Evidence
        fields = ["id", "url", "stance", "title", "quote", "archive_url", "derived_from"]


class VerdictOut(serializers.ModelSerializer):
    organization = OrganizationNamed()
    rating = RatingOut(allow_null=True)
    rationale = serializers.CharField(
        source="rationale.text", allow_null=True, help_text="Null when a law forced it out."
    )
    evidence = EvidenceOut(source="pieces", many=True)
    issued_by = MemberNamed(allow_null=True)
    confirmed_by = MemberNamed(
        allow_null=True,
        help_text="The second member, where the organization's review policy asked for one.",
    )
    number = Number()

    class Meta:
        model = Verdict
        fields = [
            "id",
            "claim",
            "organization",
            "outcome",
            "label",
            "rating",
            "rationale",
            "evidence",
            "supersedes",
            "url",
            "title",
            "language",
            "date_published",
            "valid_until",
            "recheck_on",
            "issued_by",
            "confirmed_by",
            "issued_at",
            "number",
        ]


def judge(view: Resource, request: Request, claim_id: str, **fixed: Any) -> Response:
    """Issue the verdict that a request asks for, and answer with it."""
    asked = view.asked(request) | fixed
    verdict = judge_claim(
        claim_id=view.id_of(claim_id),
        **asked,
        by=view.member,
        through=view.key,
        if_match=if_match(request),
    )
    [(text, tag)] = fetched(answering(), id=verdict.pk)
    return Response(
        orjson.loads(text),
        status=201,
        headers={"Location": address(claim_id, verdict), "ETag": tag},
    )


@cache
def answering() -> Statement:
    """SELECT what a move is answered with: the verdict and its entity tag."""
    return composer(VerdictOut, documents.verdicts).tagged(Verdict)


document = telling(VerdictOut())


def told(judged: Judged) -> tuple[bytes, str]:
    """The same of what was just written, without asking for it; its member is known by name."""
    verdict: Any = judged.verdict
    verdict.organization = verdict.issued_by.organization
    verdict.pieces, verdict.number = judged.pieces, None
    member, organization = verdict.issued_by.version, verdict.organization.version
    tag = tag_of_new(verdict, organization=organization, member=member)
    return orjson.dumps(document(verdict)), tag


def address(claim_id: str, verdict: Verdict) -> str:
    return f"/api/v1/claims/{claim_id}/verdicts/{verdict.pk}/"


@extend_schema_view(
    list=extend_schema(
        summary="List the verdicts of a claim",
        description="Every verdict ever issued, the superseded and withdrawn ones included.",
    ),
    retrieve=extend_schema(summary="Read a verdict"),
)
class Verdicts(Resource):
    """What organizations found on a claim. None is changed: a later one supersedes it."""

    resource = "verdicts"
    model = Verdict
    answers = VerdictOut
    asks = {"create": VerdictIn}
    orderings = ("-issued_at", "issued_at")

    made_of = staticmethod(documents.verdicts)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(claim_id=self.parent(Claim, "claim"))

    @extend_schema(summary="Issue a verdict of any outcome", request=VerdictIn)
    @writes
    def create(self, request: Request, claim: str) -> Response:
        return judge(self, request, claim)
