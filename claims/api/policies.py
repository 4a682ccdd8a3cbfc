"""What decides whether somebody is answered in front of Django: the same rights and rates."""

from types import SimpleNamespace
from typing import Any

import psycopg
import psycopg_pool
from django.core.exceptions import ValidationError
from rest_framework import serializers

from claims.api.lines import Lines
from claims.api.permissions import ByRightsTable
from claims.api.queries import Query
from claims.api.rates import ADD, FORGET, Due, PerCaller
from claims.api.reading import Reading
from claims.errors import Refusal
from claims.formats import strict_json
from claims.formats.composing import Given, Statement

# What is said no to, in the words of Django alone.
REFUSED = (Refusal, ValidationError, serializers.ValidationError, strict_json.NotJson)

# What a database that is down, or too busy, looks like.
AWAY = (psycopg.Error, psycopg_pool.PoolTimeout)

COUNTING = Query.of(Statement(ADD, tuple(Given(name) for name in Due._fields)), planned_once=True)
FORGETTING = Query.of(Statement(FORGET, (Given("before"),)), planned_once=False)


class Policies:
    """lines: over which counts are exchanged with other processes."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.throttle = PerCaller()
        self.rights = ByRightsTable()

    def permit(self, asking: Any, right: tuple[str, str]) -> None:
        """Raises Refusal."""
        resource, action = right
        view = SimpleNamespace(resource=resource, action=action)
        self.rights.has_permission(asking, view)

    def is_over(self, asking: Any) -> bool:
        """Before anything is looked up for it."""
        limit = self.throttle.limit(asking, reading=True)
        return self.throttle.is_over(self.throttle.caller(asking), limit, reading=True)

    async def is_within_rate(self, asking: Any, *, reading: bool) -> bool:
        look = Reading.of(asking)
        if look is not None and look.again:
            return True
        caller = self.throttle.caller(asking)
        total, due = self.throttle.add(caller, reading=reading)
        if due is not None:
            try:
                total = await self.exchange(due, reading=reading)
            except AWAY:
                return False
        return total <= self.throttle.limit(asking, reading=reading)

    async def exchange(self, due: Due, *, reading: bool) -> int:
        counted = await self.lines.ask(COUNTING, due._asdict())
        if (before := self.throttle.forget_before()) is not None:
            await self.lines.ask(FORGETTING, {"before": before})
        reads, writes = (int(counted.get_value(0, i) or 0) for i in range(2))
        return self.throttle.learn(due.caller, (reads, writes), reading=reading)
