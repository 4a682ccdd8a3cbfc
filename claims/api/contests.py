"""Verdicts contested from outside: filed by anyone, decided about by the organization."""

from typing import Any

import orjson
from django.db.models import Expression, F, Q, QuerySet, TextField
from django.db.models.lookups import Exact
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.contests import correct, file_contest, reject, uphold
from claims.api.filtering import Choice, IdFilter
from claims.api.idempotency import writes
from claims.api.preconditions import if_match
from claims.api.rates import CONTESTS, charge
from claims.api.resource import Resource
from claims.errors import ContestRefused
from claims.formats.answers import MemberNamed, OrganizationNamed
from claims.formats.composing import At, Given, Literal, Spelled, entry, or_null, when
from claims.formats.contests import AnswerIn, ContestIn, CorrectionIn, SourceIn
from claims.formats.moves import AllowedMoves, Circumstance, is_me, listed
from claims.models import Claim, Contest, Member
from claims.moves import Of
from claims.queries import documents
from claims.vocabulary import ContestReason, ContestState, Party, Role

DECIDES = "decides"
"""Whether who reads it is told whom to answer, when the statement runs."""


@extend_schema_field(listed(Of.CONTEST))
class MovesOfContest(AllowedMoves):
    of = Of.CONTEST
    states = ContestState.values
    circumstances = (
        Circumstance(
            "is_author",
            lambda it, me: it.verdict.issued_by_id == me,
            is_me("verdict__issued_by_id"),
        ),
        Circumstance("gone", lambda it, _me: not it.stays, Q(stays=False)),
    )


def given_to(member: Member) -> dict[str, Any]:
    """On what documents depend beside their rows."""
    decides = Role(member.role).rank >= Role.CHECKER.rank
    return MovesOfContest.given_to(member) | {DECIDES: str(decides).lower()}


class Said(serializers.Field):
    """A part of what was written from outside; null when a law forced it out."""

    def __init__(self, part: str, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.part = part

    def to_representation(self, contest: Contest) -> Any:
        text = contest.statement.text
        return None if text is None else orjson.loads(text)[self.part]

    def composed(self, at: At) -> Expression:
        return or_null(entry(Spelled(F("statement__text"), "{}"), Literal(self.part)))


@extend_schema_field({"type": ["string", "null"]})
class SaidText(Said):
    pass


@extend_schema_field(SourceIn(many=True, allow_null=True))
class SaidEvidence(Said):
    pass


@extend_schema_field({"type": ["string", "null"]})
class Contact(serializers.Field):
    """Null for who does not decide, where there is none, and when a law forced it out.

    context: `decides`, of the caller.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, contest: Contest) -> str | None:
        told = self.context[DECIDES] == "true" and contest.contact is not None
        return contest.contact.text if told and contest.contact else None

    def composed(self, at: At) -> Expression:
        told = Exact(Given(DECIDES, TextField()), Literal("true"))
        return when(told, or_null(at.step("contact").spelled("text")))


class ContestOut(serializers.ModelSerializer):
    """What everybody is told of a contest."""

    organization = OrganizationNamed()
    answer = serializers.CharField(
        source="answer.text",
        default=None,
        allow_null=True,
        help_text="Why the organization has decided so; null as long as it has not, where the "
        "correction says it all, and when a law forced it out.",
    )
    resolved_by = MemberNamed(allow_null=True)

    class Meta:
        model = Contest
        fields = [
            "id",
            "claim",
            "verdict",
            "organization",
            "reason",
            "filed_at",
            "state",
            "answer",
            "correction",
            "resolved_at",
            "resolved_by",
        ]


class DeskContestOut(ContestOut):
    """And what the organization is told."""

    text = SaidText("text")
    evidence = SaidEvidence("evidence")
    contact = Contact()
    allowed_moves = MovesOfContest()

    class Meta(ContestOut.Meta):
        fields = [
            *ContestOut.Meta.fields,
            "party",
            "text",
            "evidence",
            "language",
            "contact",
            "allowed_moves",
        ]


@extend_schema_view(
    list=extend_schema(
        summary="List what was contested about a claim",
        description="Which verdict, what is held to be wrong with it, and what the organization "
        "has decided. What was written is not public.",
    ),
    retrieve=extend_schema(summary="Read what became of a contest"),
)
class Contests(Resource):
    """Verdicts on a claim that somebody from outside contests."""

    resource = "contests"
    model = Contest
    answers = ContestOut
    asks = {"create": ContestIn}
    refuses = {"create": [ContestRefused]}
    orderings = ("-filed_at", "filed_at")

    made_of = staticmethod(documents.contests)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(claim_id=self.parent(Claim, "claim"))

    def check_throttles(self, request: Request) -> None:
        """Before the transaction of the write: what is refused then was counted all the same."""
        super().check_throttles(request)
        if self.action == "create":
            charge(request, CONTESTS, 1)

    @extend_schema(
        summary="Contest a verdict",
        description="As a reader, or as who was checked. It waits in the queue of the organization "
        "from then on, which decides about it in public.",
        request=ContestIn,
    )
    @writes
    def create(self, request: Request, claim: str) -> Response:
        contest = file_contest(claim_id=self.id_of(claim), **self.asked(request))
        return self.created(contest, at=f"/api/v1/claims/{claim}/contests/{contest.pk}/")


class ContestFilters(filters.FilterSet):
    state = Choice(ContestState)
    reason = Choice(ContestReason)
    party = Choice(Party)
    claim = IdFilter()
    verdict = IdFilter()

    class Meta:
        model = Contest
        fields: list[str] = []


DECIDED = "For good, and in public. 409 `contest-refused` names the rule that is against it."


@extend_schema_view(
    list=extend_schema(
        summary="List the contests of your organization's verdicts",
        description="`state=open`: those that wait to be decided about.",
    ),
    retrieve=extend_schema(summary="Read a contest of a verdict of your organization"),
)
class DeskContests(Resource):
    """Contests of the verdicts of your organization, with what was written to it."""

    resource = "desk-contests"
    model = Contest
    answers = DeskContestOut
    asks = {"uphold": AnswerIn, "correct": CorrectionIn, "reject": AnswerIn}
    refuses = {it: [ContestRefused] for it in ("uphold", "correct", "reject")}
    to_caller = True
    filterset = ContestFilters
    orderings = ("-filed_at", "filed_at")

    made_of = staticmethod(documents.desk_contests)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(organization_id=self.member.organization_id)

    def given(self) -> dict[str, Any]:
        return given_to(self.member)

    @extend_schema(
        summary="Decide that the contested verdict stays",
        description="It was looked into. The verdict stands, or another one in its place that says "
        f"the same; else 409 with `not-standing`. {DECIDED}",
        request=AnswerIn,
        responses={200: DeskContestOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def uphold(self, request: Request, pk: str) -> Response:
        return self.decided(uphold, request, pk)

    @extend_schema(
        summary="Answer a contest with a new verdict",
        description="Issue that first; it may be a withdrawal. It is in the list of corrections, "
        f"with the contest. {DECIDED}",
        request=CorrectionIn,
        responses={200: DeskContestOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def correct(self, request: Request, pk: str) -> Response:
        return self.decided(correct, request, pk)

    @extend_schema(
        summary="Reject a contest",
        description="There is nothing in it that could be looked into: it is about something else, "
        f"gives no reasons, or was decided about before. {DECIDED}",
        request=AnswerIn,
        responses={200: DeskContestOut},
    )
    @action(detail=True, methods=["post"])
    @writes
    def reject(self, request: Request, pk: str) -> Response:
        return self.decided(reject, request, pk)

    def decided(self, decide: Any, request: Request, pk: str) -> Response:
        contest_id = self.seen(pk)
        tags = if_match(request)
        asked = self.asked(request)
        how = {"by": self.member, "through": self.key, "if_match": tags}
        return self.told(decide(contest_id=contest_id, **asked, **how))
