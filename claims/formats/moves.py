"""What the caller may do with a document, told in it."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.db.models import Expression, Func, OuterRef, Subquery, TextField, UUIDField
from django.db.models.lookups import IsNull
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.formats.changes import READER, READS_AS
from claims.formats.composing import At, Concat, Given, Literal, either, entry, when
from claims.models import Claim, Member, Verdict
from claims.moves import ANY, MOVES, NOTHING, Of, Situation, allowed
from claims.vocabulary import ReviewPolicy, Role


def reads_as(member: Member) -> str:
    """On what it depends what a member may do: the role, and the policy of the organization.

    The role comes first: `formats.changes` reads it there.
    """
    return f"{member.role} {member.organization.review_policy}"


def reading(member: object) -> dict[str, Any]:
    """What documents depend on beside their rows, by name."""
    if not isinstance(member, Member):
        return {READER: None, READS_AS: None}
    return {READER: member.organization_id, READS_AS: reads_as(member)}


def reader_of(member: object) -> str | None:
    """What allowed moves follow from, as one text, whose hash is in entity tags."""
    if not isinstance(member, Member):
        return None
    return f"{member.organization_id} {reads_as(member)}"


def words(of: Of) -> list[str]:
    return [it.name for it in MOVES if it.of is of]


def all_moves() -> Iterable[tuple[str, list[str]]]:
    """Of a claim, for each role, policy and outcome that stands."""
    for role in Role:
        for policy in ReviewPolicy:
            for state in ANY:
                situation = Situation(role=role, policy=policy, state=state)
                yield f"{role.value} {policy.value} {state}", allowed(Of.CLAIM, situation)


MAY = dict(all_moves())


@extend_schema_field(
    {"type": ["array", "null"], "items": {"type": "string", "enum": words(Of.CLAIM)}}
)
class MovesOfClaim(serializers.Field):
    """What the caller may do with a claim now; null to who has no account, and of the past.

    context: `reader` and `reads_as`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, claim: Claim) -> list[str] | None:
        who, organization = self.context.get(READS_AS), self.context.get(READER)
        if who is None:
            return None
        standing: Any = claim.standing_verdicts  # type: ignore[attr-defined]
        own = (it.outcome for it in standing if it.organization_id == organization)
        return MAY[f"{who} {next(own, NOTHING)}"]

    def composed(self, at: At) -> Expression:
        own = Verdict.objects.standing().filter(
            claim=OuterRef("pk"), organization=Given(READER, UUIDField())
        )
        standing: Any = Subquery(own.values("outcome")[:1])
        state = either(standing, Literal(NOTHING))
        given = Func(Given(READS_AS), template="(%(expressions)s::text)", output_field=TextField())
        known = Literal(orjson.dumps(MAY).decode())
        told = entry(known, Concat(given, Literal(" "), state))
        # To who has no account nothing is looked for.
        return when(IsNull(given, False), told)
