"""What the caller may do with a document, told in it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db.models import (
    Case,
    Expression,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    UUIDField,
    When,
)
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
    """The moves of members."""
    return [it.name for it in MOVES if it.of is of and it.role is not None]


def listed(of: Of) -> dict[str, Any]:
    """As OpenAPI has it."""
    return {"type": "array", "items": {"type": "string", "enum": words(of)}}


def all_moves() -> Iterable[tuple[str, list[str]]]:
    """Of a claim, for each role, policy and outcome that stands."""
    for role in Role:
        for policy in ReviewPolicy:
            for state in ANY:
                situation = Situation(role=role, policy=policy, state=state)
                yield f"{role.value} {policy.value} {state}", allowed(Of.CLAIM, situation)


MAY = dict(all_moves())


@extend_schema_field(listed(Of.CLAIM) | {"type": ["array", "null"]})
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


ME = "me"
"""Who reads it, when the statement runs."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """On what it depends, beside the state of a row, what may be done with it.

    name: as a Situation has it. holds: of a row, to whom reads it; composed: the same, in SQL.
    """

    name: str
    holds: Callable[[Any, UUID], bool]
    composed: Q


class AllowedMoves(serializers.Field):
    """What the caller may do with a row that has a state. context: as `given_to` the caller."""

    of: ClassVar[Of]
    states: ClassVar[Sequence[str]]
    circumstances: ClassVar[Sequence[Circumstance]]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    @classmethod
    def given_to(cls, member: Member) -> dict[str, Any]:
        """On what the answer depends beside the row: who reads, and what each situation allows."""
        may = every_situation(
            cls.of,
            tuple(cls.states),
            tuple(it.name for it in cls.circumstances),
            Role(member.role),
            ReviewPolicy(member.organization.review_policy),
        )
        return {ME: member.pk, cls.may(): may}

    @classmethod
    def may(cls) -> str:
        return f"may_{cls.of.value}"

    @staticmethod
    def key(state: str, found: Iterable[bool]) -> str:
        return " ".join([state, *map(str, found)]).lower()

    def to_representation(self, row: Any) -> list[str]:
        moves: dict[str, list[str]] = orjson.loads(self.context[self.may()])
        found = (it.holds(row, self.context[ME]) for it in self.circumstances)
        return moves[self.key(row.state, found)]

    def composed(self, at: At) -> Expression:
        texts: list[Any] = [F("state")]
        for it in self.circumstances:
            found = When(it.composed, then=Literal("true"))
            texts += [Literal(" "), Case(found, default=Literal("false"))]
        return entry(Given(self.may()), Concat(*texts))


@cache
def every_situation(
    of: Of, states: Sequence[str], names: Sequence[str], role: Role, policy: ReviewPolicy
) -> str:
    """What each allows, as JSON. Of a draft there are 128, so they are worked out once.

    names: of the circumstances.
    """
    may = {
        AllowedMoves.key(state, found): allowed(
            of,
            Situation(
                role=role, state=state, policy=policy, **dict(zip(names, found, strict=True))
            ),
        )
        for state in states
        for found in product((True, False), repeat=len(names))
    }
    return orjson.dumps(may).decode()


def is_me(path: str) -> Q:
    """Whether a column names who reads it."""
    return Q(**{path: Given(ME, UUIDField())})
