import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.claims import create_claim, edit_claim
from claims.actions.many import create_claims
from claims.api.appearances import PassageOut
from claims.api.as_of import AS_OF, cutoff_of, matches
from claims.api.bulk import BULK, RowsOut, counted, filed
from claims.api.changes import told
from claims.api.filtering import ClaimFilters
from claims.api.idempotency import writes
from claims.api.matching import found, match_out, refuse_repeat
from claims.api.pagination import CONTROLS, Pages, refused
from claims.api.preconditions import if_match, is_known
from claims.api.rates import MATCHES, charge
from claims.api.rendering import Json
from claims.api.resource import Resource, flag
from claims.api.searching import Q, asked_in
from claims.api.verdicts import VerdictOut, judge
from claims.errors import NotFound
from claims.formats.answers import (
    ArticleNamed,
    Disagreement,
    Each,
    Number,
    Part,
    SpeakerNamed,
)
from claims.formats.changes import ChangeOut
from claims.formats.moves import MovesOfClaim, reading
from claims.formats.requests import ClaimEdit, ClaimIn, ClaimsIn, MatchIn, MoveIn
from claims.models import Claim
from claims.queries import documents, feed, past
from claims.queries.matching import matches_for
from claims.vocabulary import Kind, Outcome


class FactOut(serializers.ModelSerializer):
    class Meta:
        model = Claim
        fields = [
            "subject",
            "property",
            "value",
            "value_type",
            "unit",
            "approximate",
            "lower",
            "upper",
        ]


@extend_schema_field(FactOut(allow_null=True))
class FactField(Part):
    document = FactOut
    only = {"kind": Kind.FACT}


@extend_schema_field(ArticleNamed(allow_null=True))
class FirstArticle(Part):
    """The article of the first filed appearance."""

    document = ArticleNamed
    leads_to = "article"


@extend_schema_field(PassageOut(allow_null=True))
class FirstAppearance(Part):
    """The first filed appearance; all are listed at appearances/."""

    document = PassageOut


class ClaimTold(serializers.ModelSerializer):
    """A claim as everybody sees it."""

    speaker = SpeakerNamed(allow_null=True)
    fact = FactField(source="*")
    asserts = Each("fact_id", source="asserted", child=serializers.UUIDField())
    article = FirstArticle(source="first_appearances")
    appearance = FirstAppearance(source="first_appearances")
    verdicts = VerdictOut(source="standing_verdicts", many=True)
    disagreement = Disagreement()
    number = Number()

    class Meta:
        model = Claim
        fields = [
            "id",
            "kind",
            "text",
            "language",
            "status",
            "speaker",
            "fact",
            "speech",
            "asserts",
            "stated_on",
            "article",
            "appearance",
            "verdicts",
            "disagreement",
            "created_at",
            "changed_at",
            "number",
        ]


class ClaimOut(ClaimTold):
    allowed_moves = MovesOfClaim()

    class Meta(ClaimTold.Meta):
        fields = [*ClaimTold.Meta.fields, "allowed_moves"]


class ClaimFound(ClaimTold):
    """A claim as those see it who ask whether a text was checked: where it stands, and how."""

    class Meta(ClaimTold.Meta):
        fields = [
            name
            for name in ClaimTold.Meta.fields
            if name not in {"speech", "asserts", "appearance", "created_at", "changed_at", "number"}
        ]


MatchOut = match_out(ClaimFound)


class MatchesOut(serializers.Serializer):
    """The matches of one text, the most probable first."""

    matches = MatchOut(many=True)


class AllMatchesOut(serializers.Serializer):
    """What was found, of each text, in their order."""

    results = MatchesOut(many=True)


MOVES = {
    "verify": Outcome.VERIFIED,
    "dispute": Outcome.DISPUTED,
    "withdraw": Outcome.WITHDRAWN,
}
SIMILAR = "similar"
MOVE = (
    "Needs `If-Match` with the claim's ETag when your organization has a standing verdict: "
    "428 without it, 412 when the claim has changed since."
)


@extend_schema_view(
    list=extend_schema(
        summary="List claims",
        description="Filters combine freely. `article`, `publisher` and `published_…` match any "
        "appearance; `organization` and `outcome` match one standing verdict.",
    ),
    retrieve=extend_schema(summary="Read a claim"),
)
class Claims(Resource):
    """Checkable propositions: statements of speakers, and facts about the world."""

    resource = "claims"
    model = Claim
    answers = ClaimOut
    asks = {
        "create": ClaimIn,
        "bulk": ClaimsIn,
        "partial_update": ClaimEdit,
        "verify": MoveIn,
        "dispute": MoveIn,
        "withdraw": MoveIn,
        "match": MatchIn,
    }
    polled = True
    to_caller = True
    searched = True
    filterset = ClaimFilters
    orderings = ("-created_at", "created_at", "-changed_at", "changed_at")

    made_of = staticmethod(documents.claims)

    def list(self, request: Request, **_path: str) -> Response | HttpResponse:
        cutoff = cutoff_of(request)
        if cutoff is None:
            return super().list(request)
        pages = Pages(request, ("-created_at", "created_at"))
        if asked_in(request.query_params) is not None:
            raise refused(Q, _("The past is not searched: leave out as_of, or q."))
        known = [name for name in ClaimFilters.base_filters if name != "same_as"]
        asked = self.cleaned(known, also=(*CONTROLS, AS_OF))
        filed = Claim.objects.filter(created_at__lte=cutoff.latest_filing())

        def kept(ids: list[UUID]) -> dict[UUID, Claim]:
            then = past.claims(ids, cutoff)
            return {pk: claim for pk, claim in then.items() if matches(claim, asked)}

        found, links = pages.sift(filed, kept)
        # Of the past nothing can be moved: no reader is given.
        documents = self.answers(found, many=True)
        return Response({**links, "results": documents.data})

    def retrieve(self, request: Request, pk: str, **_path: str) -> Response | HttpResponse:
        cutoff = cutoff_of(request)
        if cutoff is None:
            return super().retrieve(request, pk)
        self.refuse_parameters(known=(AS_OF,))
        claim = past.claims([self.id_of(pk)], cutoff).get(self.id_of(pk))
        if claim is None:
            raise NotFound(_("There was nothing with this id then, that is still told of."))
        document = self.answers(claim).data
        tag = f'"{hashlib.sha256(Json().render(document)).hexdigest()[:32]}"'
        if is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(document, headers={"ETag": tag})

    @extend_schema(
        summary="File a claim",
        description="With an appearance, the passage is found in the snapshot, or refused.",
        request=ClaimIn,
    )
    @writes
    def create(self, request: Request) -> Response:
        asked = self.asked(request, known=(SIMILAR,))
        if flag(request, SIMILAR):
            passage = (asked.get("appearance") or {}).get("exact")
            refuse_repeat(request, ClaimFound, asked["text"], passage)
        claim = create_claim(**asked, by=self.member)
        return self.created(claim, at=f"/api/v1/claims/{claim.pk}/")

    @extend_schema(
        summary="File many claims", description=BULK, request=ClaimsIn, responses={200: RowsOut}
    )
    @action(detail=False, methods=["post"], body_limit=settings.LARGE_BODY_LIMIT)
    @counted
    @writes
    def bulk(self, request: Request) -> Response:
        return filed(self, request, ClaimIn, create_claims)

    @extend_schema(
        summary="Ask whether a text was checked before",
        description="Which claims say the same, how probable that is, why, and what differs. One "
        "result for each text.",
        request=MatchIn,
        responses={200: AllMatchesOut},
    )
    @action(detail=False, methods=["post"])
    def match(self, request: Request) -> Response:
        asked = self.asked(request)
        charge(request, MATCHES, len(asked.get("texts", "1")))
        results = [{"matches": its} for its in found(ClaimFound, matches_for(asked))]
        return Response({"results": results})

    @extend_schema(
        summary="Edit a claim before its first verdict",
        description="`fact` is replaced whole.",
        request=ClaimEdit,
    )
    @writes
    def partial_update(self, request: Request, pk: str) -> Response:
        claim = edit_claim(
            claim_id=self.id_of(pk),
            changes=self.asked(request),
            by=self.member,
            if_match=if_match(request),
        )
        return self.told(claim)

    @extend_schema(
        summary="Mark a claim verified",
        description=MOVE,
        request=MoveIn,
        responses={201: VerdictOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def verify(self, request: Request, pk: str) -> Response:
        return judge(self, request, pk, outcome=MOVES["verify"])

    @extend_schema(
        summary="Mark a claim disputed",
        description=MOVE,
        request=MoveIn,
        responses={201: VerdictOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def dispute(self, request: Request, pk: str) -> Response:
        return judge(self, request, pk, outcome=MOVES["dispute"])

    @extend_schema(
        summary="Withdraw your organization's verdict",
        description=MOVE,
        request=MoveIn,
        responses={201: VerdictOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def withdraw(self, request: Request, pk: str) -> Response:
        return judge(self, request, pk, outcome=MOVES["withdraw"])

    @extend_schema(
        summary="Read everything that happened to a claim",
        description="By number. What happened just now has none yet, and is not told yet.",
        responses={200: ChangeOut},
    )
    @action(detail=True, methods=["get"])
    def history(self, request: Request, pk: str) -> Response | HttpResponse:
        self.kwargs["pk"] = pk
        pages = Pages(request, ("number", "-number"))
        self.refuse_parameters(known=CONTROLS)
        rows = feed.of_claim(self.parent(Claim, "pk"))
        return self.answer(told().page(pages, rows, **self.given()))

    def given(self) -> dict[str, Any]:
        return reading(self.request.user)
