"""The plain writes that the edge carries out: the moves of a fact-checker."""

import re
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from claims.actions import judging
from claims.actions.judging import Finding, Held, Judged
from claims.actions.preconditions import IfMatch
from claims.api.asking import Asking
from claims.api.callers import DIGEST, who_by_name
from claims.api.claims import MOVES, Claims
from claims.api.lines import Transaction
from claims.api.plain_reads import UUID_IN_PATH
from claims.api.preconditions import if_match
from claims.api.queries import Query
from claims.api.resource import Resource, refuse_parameters
from claims.api.verdicts import Verdicts, address, told
from claims.api.writing import Write, Written
from claims.errors import NotFound
from claims.formats import strict_json
from claims.formats.composing import Statement
from claims.models import Member

# A claim is locked for nobody but who has a key; whether that may judge is looked at then.
HAS_KEY = Statement("EXISTS (SELECT FROM claims_apikey WHERE digest = %s)", (DIGEST,))
LOOK = "SELECT who.caller, look.held {who} LEFT JOIN LATERAL ({look}) AS look(held) ON true"

Decided = tuple[Judged, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    claim: str
    finding: Finding
    if_match: IfMatch | None


class Move:
    """Judging a claim, under one name. fixed: what is no part of the body."""

    def __init__(self, view: type[Resource], action: str, name: str, **fixed: Any) -> None:
        self.right = (view.resource, action)
        self.body_limit = view.body_limit
        self.path = re.compile(f"/api/v1/claims/({UUID_IN_PATH})/{name}/")
        self.body = view.asks[action]()  # made once: it keeps nothing of what it checks
        self.fixed = fixed
        self.lock, self.write = planned(judging.lock(HAS_KEY)), planned(judging.write())
        self.look = {
            tagged: planned(looking(tagged=tagged), organization="who.organization_id")
            for tagged in (False, True)
        }

    def matches(self, path: str) -> dict[str, str] | None:
        found = self.path.fullmatch(path)
        return None if found is None else {"claim": found[1]}

    def asked(self, asking: Asking, body: bytes, **path: str) -> Asked:
        refuse_parameters(cast(Any, asking), known=())
        finding = self.body.run_validation(strict_json.loads(body)) | self.fixed
        return Asked(path["claim"], finding, if_match(cast(Any, asking)))

    async def begin(
        self, transaction: Transaction, asked: Asked, digest: bytes
    ) -> tuple[bytes | None, bytes | None]:
        about, look = {"claim": UUID(asked.claim), DIGEST.name: digest}, self.look
        locked, looked = await transaction.begin(
            (self.lock, about), (look[asked.if_match is not None], about)
        )
        return looked.get_value(0, 0), looked.get_value(0, 1) if locked.ntuples else None

    def decide(self, asked: Asked, looked: bytes | None, by: Member) -> Decided:
        if looked is None:
            raise NotFound("")
        return judging.decide(
            Held.of(looked),
            asked.finding,
            claim_id=UUID(asked.claim),
            by=by,
            if_match=asked.if_match,
        )

    async def commit(self, transaction: Transaction, asked: Asked, decided: Decided) -> Written:
        judged, given = decided
        document, tag = told(judged)  # before: if anything is wrong with it, nothing is written
        written = Written(document, tag.encode(), address(asked.claim, judged.verdict).encode())
        await transaction.commit((self.write, given))
        return written


def looking(*, tagged: bool) -> Statement:
    asks, look = who_by_name(), judging.look(tagged=tagged)
    sql = LOOK.format(who=asks.sql, look=look.sql)
    return Statement(sql, (*asks.parameters, *look.parameters))


def planned(statement: Statement, **written: str) -> Query:
    return Query.of(statement, planned_once=True, **written)


def plain_writes() -> list[Write]:
    """Raises CannotCompose, before anything is served."""
    moves = [Move(Claims, name, name, outcome=outcome) for name, outcome in MOVES.items()]
    return [*moves, Move(Verdicts, "create", "verdicts")]
