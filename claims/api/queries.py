"""Statements as they are sent to the database."""

import hashlib
from dataclasses import dataclass

from claims.formats.composing import Given, Statement


@dataclass(frozen=True, slots=True)
class Query:
    """planned_once: whether one plan is right for all its values. name: of the prepared one."""

    sql: bytes
    parameters: tuple[Given, ...]
    planned_once: bool
    name: bytes

    @classmethod
    def of(cls, statement: Statement, *, planned_once: bool, **written: str) -> "Query":
        sql, parameters = statement.settled(**written).numbered()
        name = b"isnad_" + hashlib.sha256(sql).hexdigest()[:32].encode()
        return cls(sql, parameters, planned_once, name)
