"""Many rows in one request, with an answer for each."""

import functools
from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.actions.many import Fate
from claims.api import problems
from claims.api.idempotency import Handler
from claims.api.rates import BULK_ROWS, charge
from claims.api.resource import Resource, flag
from claims.errors import Fault, Refusal, RowsRefused
from claims.formats.fields import MOST_FAULTS, Body
from claims.formats.requests import MOST_ROWS
from claims.models import Member

ATOMIC = "atomic"
BULK = (
    "Up to 1,000 rows, each the body of a single request. Each is recorded or refused as it would "
    "be by itself: one result for each, in their order; faults point into the row. With "
    "`atomic=true` all are recorded, or none."
)
RECORDED, LEFT = 201, 424


class RowOut(serializers.Serializer):
    status = serializers.IntegerField()
    id = serializers.UUIDField(allow_null=True)
    problem = serializers.DictField(allow_null=True)


class RowsOut(serializers.Serializer):
    results = RowOut(many=True)


class Create(Protocol):
    def __call__(self, rows: Sequence[dict[str, Any]], *, by: Member) -> list[Fate]: ...


def counted(handler: Handler) -> Handler:
    """Before the transaction begins, rows are counted: what is counted in it would be undone."""

    @functools.wraps(handler)
    def charged(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        rows = request.data.get("rows") if isinstance(request.data, dict) else None
        charge(request, BULK_ROWS, min(len(rows), MOST_ROWS) if isinstance(rows, list) else 0)
        return handler(view, request, *args, **kwargs)

    return cast(Handler, charged)


def filed(view: Resource, request: Request, body: type[Body], create: Create) -> Response:
    """Have the rows of a request recorded. body: of one of them. Raises RowsRefused."""
    rows, atomic = view.asked(request, known=(ATOMIC,))["rows"], flag(request, ATOMIC)
    checks = Checks(body, view)
    checked = [checks.outcome(row) for row in rows]
    fates = iter(create([it for it in checked if not isinstance(it, Refusal)], by=view.member))
    became = [it if isinstance(it, Refusal) else next(fates) for it in checked]
    if atomic and any(isinstance(it, Refusal) for it in became):
        raise refusal_of_all(became)
    return Response({"results": [result(it) for it in became]})


class Checks:
    """Of rows, each as the body of a request by itself."""

    def __init__(self, body: type[Body], view: Resource) -> None:
        self.body, self.context = body, {"answers": view.answers}
        self.made = self.of()  # once: making it costs more than using it

    def of(self, **data: Any) -> Body:
        return self.body(context=self.context, **data)

    def outcome(self, row: Any) -> dict[str, Any] | Refusal:
        """What is asked for, or why it cannot be."""
        try:
            return dict(self.made.run_validation(row))
        except serializers.ValidationError:
            return self.refusal(row)

    def refusal(self, row: Any) -> Refusal:
        """As it is told where this is the whole body."""
        try:
            self.of(data=row).is_valid(raise_exception=True)
        except serializers.ValidationError as wrong:
            return cast(Refusal, problems.refusal_for(wrong))
        raise AssertionError


def result(became: Fate) -> dict[str, Any]:
    if isinstance(became, Refusal):
        return {"status": became.status, "id": None, "problem": problems.document(became)}
    return {"status": RECORDED, "id": became, "problem": None}


def refusal_of_all(became: Sequence[Fate]) -> RowsRefused:
    left = {"status": LEFT, "id": None, "problem": None}
    faults = [
        Fault(fault.detail, pointer=f"#/rows/{i}{(fault.pointer or '#').removeprefix('#')}")
        for i, it in enumerate(became)
        if isinstance(it, Refusal)
        for fault in it.faults or [Fault(it.detail)]
    ]
    return RowsRefused(
        _("See results for each row: mend the refused ones, or send the request without atomic."),
        faults=faults[:MOST_FAULTS],
        results=[result(it) if isinstance(it, Refusal) else left for it in became],
    )
