"""What people decided about pairs of claims, for whoever suggests or compares claims."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from claims.models import Claim, Relation
from claims.vocabulary import RelationType


def never_suggested(claim_id: UUID) -> set[UUID]:
    """Claims that must never be suggested for this one as the same: any organization said no."""
    return {pk for pk, said in decided(claim_id) if said == RelationType.NOT_THE_SAME}


def decided_already(claim_id: UUID) -> set[UUID]:
    """Claims about which, and this one, any organization has a standing decision."""
    return {pk for pk, _said in decided(claim_id)}


def decided(claim_id: UUID) -> list[tuple[UUID, str]]:
    standing = Relation.objects.standing()
    pairs = standing.filter(claim=claim_id).values_list("other_id", "relation")
    return list(
        pairs.union(standing.filter(other=claim_id).values_list("claim_id", "relation"), all=True)
    )


def cluster_of(claim_id: UUID) -> set[UUID]:
    """The other claims that are in one cluster with this one (docs/adr/0026)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT claims_cluster_v1(%s)", [claim_id])
        [found] = cursor.fetchone()
    return set(found)


def clock() -> datetime:
    """This very instant, where `now()` is that of the beginning of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [instant] = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant


class InCluster(Func):
    """id = ANY (claims_cluster_v1(claim))"""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY (claims_cluster_v1("
    output_field = BooleanField()

    def as_sql(self, *args: Any, **more: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(*args, **more)
        return f"{sql})", params


def same_as(claims: QuerySet[Claim], claim_id: Any) -> QuerySet[Claim]:
    """Those that are in one cluster with it. claim_id: a value, or an expression for one."""
    given = claim_id if hasattr(claim_id, "resolve_expression") else Value(claim_id)
    return claims.filter(InCluster(F("pk"), given))


def related_to(claims: QuerySet[Claim], claim_id: Any) -> QuerySet[Claim]:
    """Those about which, and this one, a decision stands."""
    standing = Relation.objects.standing()
    return claims.filter(
        Q(Exists(standing.filter(claim=OuterRef("pk"), other=claim_id)))
        | Q(Exists(standing.filter(other=OuterRef("pk"), claim=claim_id)))
    )
