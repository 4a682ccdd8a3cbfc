"""`conflicts/`: facts that cannot all be true."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.claims import ClaimTold
from claims.api.composed import composer
from claims.api.filtering import Choice, IdFilter, LanguageFilter
from claims.api.pagination import CONTROLS, Pages
from claims.api.preconditions import is_known
from claims.api.resource import Resource
from claims.errors import NotFound
from claims.models import Matter
from claims.queries import conflicts, documents
from claims.queries.etags import record_tag
from claims.vocabulary import ConflictState, Status

VALUES = "values"


class PairOut(serializers.Serializer):
    """Two facts that contradict each other."""

    claims = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=2,
        max_length=2,
        help_text="Their ids; of two values the lower one first.",
    )
    state = serializers.ChoiceField(choices=ConflictState.choices)
    by_value = serializers.BooleanField()


class ConflictOut(serializers.Serializer):
    id = serializers.UUIDField(
        help_text="Made of subject and property: what differs in folding alone has the same."
    )
    kind = serializers.CharField(help_text="values: facts that cannot all be true.")
    state = serializers.ChoiceField(choices=ConflictState.choices)
    subject = serializers.CharField()
    property = serializers.CharField()
    found_at = serializers.DateTimeField()
    claims = ClaimTold(many=True)
    pairs = PairOut(many=True)
    more = serializers.BooleanField()


class ConflictFilters(filters.FilterSet):
    state = Choice(ConflictState)
    subject = filters.CharFilter(max_length=300, strip=False)
    property = filters.CharFilter(max_length=300, strip=False)
    language = LanguageFilter()
    speaker = IdFilter()
    article = IdFilter()
    publisher = IdFilter()
    organization = IdFilter()
    status = Choice(Status)

    class Meta:
        model = Matter
        fields: list[str] = []


OF_MATTER = ("state", "subject")  # what the stored order answers; the rest is asked of facts


@extend_schema_view(
    list=extend_schema(
        summary="List facts that cannot all be true",
        description="Facts of one subject and property (folded, or confirmed as the same) whose "
        "values contradict each other, given their precision, or that people say do. First those "
        "of which two verified facts do, then those of which neither of two is disputed, then the "
        "rest; in each of these, what was found last comes first. Filters match one and the same "
        "fact; by all but `state` and `subject`, a page may have fewer than were asked for, "
        "and a next one all the same.",
    ),
    retrieve=extend_schema(summary="Read which facts of one matter cannot all be true"),
)
class Conflicts(Resource):
    """Facts of one subject and property that cannot all be true."""

    resource = "conflicts"
    model = Matter
    answers = ConflictOut
    filterset = ConflictFilters
    orderings = ("-place",)
    polled = True

    def list(self, request: Request, **_path: str) -> Response | HttpResponse:
        pages = Pages(request, self.orderings)
        asked = self.cleaned((*ConflictFilters.base_filters,), also=CONTROLS)
        given = {name: value for name, value in asked.items() if value not in (None, "")}
        tag = record_tag()
        if tag is not None and is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        rows = self.of_matter(given)
        of_facts = {name: value for name, value in given.items() if name not in OF_MATTER}

        def kept(ids: Sequence[UUID]) -> dict[UUID, UUID]:
            found = conflicts.with_facts(ids, of_facts) if of_facts else set(ids)
            return {pk: pk for pk in ids if pk in found}

        found, links = pages.sift(rows, kept)
        answer = Response({**links, "results": self.documents_of(found)})
        if tag is not None:
            answer["ETag"] = tag
        return answer

    def of_matter(self, asked: dict[str, Any]) -> QuerySet[Matter]:
        rows = conflicts.conflicting()
        if "state" in asked:
            rows = conflicts.in_state(rows, asked["state"])
        if "subject" in asked:
            rows = conflicts.about(rows, asked["subject"])
        return rows

    def retrieve(self, request: Request, pk: str, **_path: str) -> Response | HttpResponse:
        self.refuse_parameters(known=())
        # By the id of any matter that was joined to it, too.
        root = Matter.objects.filter(pk=self.id_of(pk)).values("root")
        matter = conflicts.conflicting().filter(pk__in=root).first()
        if matter is None:
            raise NotFound(_("Nothing is known to contradict each other here, or not any more."))
        [document] = self.documents_of([matter.pk])
        body = orjson.dumps(document)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return self.answer(body, ETag=tag)

    def documents_of(self, pks: Sequence[UUID]) -> Sequence[dict[str, Any]]:
        """The documents of these matters, by a constant number of queries."""
        if not pks:
            return []
        matters = Matter.objects.in_bulk(pks)
        found = conflicts.conflicts([matters[pk] for pk in pks])
        named = list({pk for conflict in found for pk in conflict.claims})
        composed = composer(ClaimTold, documents.claims).documents(named)
        claims = {document["id"]: document for document in map(orjson.loads, composed)}
        return [document_of(conflict, claims) for conflict in found if conflict.pairs]


def document_of(conflict: conflicts.Conflict, claims: dict[str, Any]) -> dict[str, Any]:
    named = [claims[str(pk)] for pk in conflict.claims]
    first = min(named, key=lambda it: (it["created_at"], it["id"]))
    return {
        "id": str(conflict.matter.pk),
        "kind": VALUES,
        "state": state_of(conflict.pairs[0].rank),
        "subject": first["fact"]["subject"],
        "property": first["fact"]["property"],
        "found_at": as_instant(conflict.matter.found_at),
        "claims": named,
        "pairs": [
            {
                "claims": [str(pair.one), str(pair.other)],
                "state": state_of(pair.rank),
                "by_value": pair.by_value,
            }
            for pair in conflict.pairs
        ],
        "more": conflict.more,
    }


def state_of(rank: int) -> str:
    return next(it.value for it in ConflictState if it.rank == rank)


def as_instant(value: Any) -> str:
    return str(serializers.DateTimeField().to_representation(value))
