"""Django REST framework the way its tutorial goes: ModelViewSet, PageNumberPagination, filters.

Nested serializers read what they show through the models. Connections persist; nothing is tuned.
"""

import orjson
from django.core.wsgi import get_wsgi_application

from tests.benchmarks.peers.one_file import set_up

set_up(
    __name__,
    apps=["rest_framework", "django_filters"],
    REST_FRAMEWORK={
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
        "PAGE_SIZE": 25,
        "DEFAULT_FILTER_BACKENDS": [
            "django_filters.rest_framework.DjangoFilterBackend",
        ],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)

import django_filters.rest_framework  # noqa: E402  (models need the settings above)
from django.db.models import Q  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import routers, serializers, viewsets  # noqa: E402
from rest_framework.decorators import action  # noqa: E402

from claims.models import (  # noqa: E402
    ALL,
    Appearance,
    Article,
    Change,
    Claim,
    Evidence,
    LogEntry,
    Member,
    Organization,
    Publisher,
    Speaker,
    Verdict,
)
from claims.vocabulary import Status  # noqa: E402

NAMED = ["id", "name"]


class SpeakerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Speaker
        fields = NAMED


class PublisherSerializer(serializers.ModelSerializer):
    class Meta:
        model = Publisher
        fields = NAMED


class OrganizationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Organization
        fields = NAMED


class MemberSerializer(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = NAMED


class ArticleSerializer(serializers.ModelSerializer):
    publisher = PublisherSerializer()

    class Meta:
        model = Article
        fields = ["id", "headline", "url", "date_published", "publisher"]


class AppearanceSerializer(serializers.ModelSerializer):
    anchor = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()
    relayed_by = serializers.SerializerMethodField()

    class Meta:
        model = Appearance
        fields = [
            "id",
            "snapshot",
            "exact",
            "prefix",
            "suffix",
            "start",
            "end",
            "anchor",
            "current",
            "relayed_by",
        ]

    def get_anchor(self, appearance):
        last = appearance.anchors.order_by("position").last()
        if last:
            return last.state
        return "exact" if appearance.checked else "unchecked"

    def get_current(self, appearance):
        at = appearance.anchors.order_by("position").last() or appearance
        if at.snapshot_id is None:
            return None
        return {"snapshot": at.snapshot_id, "start": at.start, "end": at.end}

    def get_relayed_by(self, appearance):
        relays = appearance.relays.order_by("position")
        return SpeakerSerializer([relay.speaker for relay in relays], many=True).data


class EvidenceSerializer(serializers.ModelSerializer):
    quote = serializers.CharField(source="quote.text", default=None)

    class Meta:
        model = Evidence
        fields = ["id", "url", "stance", "title", "quote", "archive_url", "derived_from"]


class VerdictSerializer(serializers.ModelSerializer):
    organization = OrganizationSerializer()
    rationale = serializers.CharField(source="rationale.text")
    evidence = serializers.SerializerMethodField()
    issued_by = MemberSerializer()
    number = serializers.SerializerMethodField()

    class Meta:
        model = Verdict
        fields = [
            "id",
            "claim",
            "organization",
            "outcome",
            "label",
            "rationale",
            "evidence",
            "supersedes",
            "url",
            "title",
            "language",
            "date_published",
            "issued_by",
            "issued_at",
            "number",
        ]

    def get_evidence(self, verdict):
        return EvidenceSerializer(verdict.evidence.order_by("position"), many=True).data

    def get_number(self, verdict):
        return number(verdict, "verdict.issued", "verdict.withdrawn")


class FactSerializer(serializers.ModelSerializer):
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


class ClaimSerializer(serializers.ModelSerializer):
    speaker = SpeakerSerializer()
    fact = serializers.SerializerMethodField()
    asserts = serializers.SerializerMethodField()
    article = serializers.SerializerMethodField()
    appearance = serializers.SerializerMethodField()
    verdicts = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField()

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
            "created_at",
            "changed_at",
            "number",
        ]

    def get_fact(self, claim):
        return FactSerializer(claim).data if claim.kind == "fact" else None

    def get_asserts(self, claim):
        return claim.assertions.order_by("id").values_list("fact_id", flat=True)

    def get_article(self, claim):
        first = claim.appearances.filter(position=0).first()
        return ArticleSerializer(first.article).data if first else None

    def get_appearance(self, claim):
        first = claim.appearances.filter(position=0).first()
        return AppearanceSerializer(first).data if first else None

    def get_verdicts(self, claim):
        standing = claim.verdicts.filter(superseded_by__isnull=True).exclude(outcome="withdrawn")
        return VerdictSerializer(standing.order_by("issued_at", "id"), many=True).data

    def get_number(self, claim):
        return number(claim, "claim.created")


def number(row, *types):
    entries = LogEntry.objects.filter(change__subject_id=row.id, change__type__in=types)
    return entries.values_list("number", flat=True).first()


class ChangeSerializer(serializers.ModelSerializer):
    number = serializers.IntegerField(source="log_entry.number")
    subject = serializers.UUIDField(source="subject_id")
    organization = OrganizationSerializer()
    document = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    salts = serializers.SerializerMethodField()
    erased = serializers.SerializerMethodField()
    recorded_by = MemberSerializer()

    class Meta:
        model = Change
        fields = [
            "number",
            "id",
            "type",
            "subject",
            "claim",
            "organization",
            "status",
            "language",
            "outcome",
            "document",
            "before",
            "salts",
            "erased",
            "recorded_by",
            "recorded_at",
        ]

    def get_document(self, change):
        if change.document.text is None:
            return None
        document = orjson.loads(change.document.text)
        verdict = verdict_of(change)
        if verdict:
            document["rationale"] = verdict.rationale.text
            pieces = verdict.evidence.order_by("position")
            for piece, told in zip(pieces, document["evidence"], strict=True):
                told["quote"] = piece.quote and piece.quote.text
        return document

    def get_before(self, change):
        return change.before and change.before.text and orjson.loads(change.before.text)

    def get_salts(self, change):
        return {name: bytes(text.salt).hex() for name, text in texts(change) if text.salt}

    def get_erased(self, change):
        return {name: bytes(text.sha256).hex() for name, text in texts(change) if text.text is None}


def verdict_of(change):
    return Verdict.objects.get(pk=change.subject_id) if change.outcome else None


def texts(change):
    """The contents behind a change, by JSON pointer."""
    yield "/document", change.document
    if change.before:
        yield "/before", change.before
    verdict = verdict_of(change)
    if verdict and change.document.text is not None:
        yield "/document/rationale", verdict.rationale
        for i, piece in enumerate(verdict.evidence.order_by("position")):
            if piece.quote:
                yield f"/document/evidence/{i}/quote", piece.quote


def reads_listings(query):
    """Whether a list is filtered or ordered by what is indexed there."""
    by_change = query.get("ordering", "").lstrip("-") == "changed_at"
    return by_change or any(query.get(it) for it in ("status", "has_verdict", "changed_after"))


class ClaimFilter(django_filters.FilterSet):
    language = django_filters.CharFilter(method="of_language")
    speaker = django_filters.UUIDFilter(field_name="speaker_id")
    has_verdict = django_filters.BooleanFilter(method="together")
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lte")
    changed_after = django_filters.IsoDateTimeFilter(method="together")
    status = django_filters.CharFilter(method="together")
    article = django_filters.UUIDFilter(method="together")
    publisher = django_filters.UUIDFilter(method="together")
    published_after = django_filters.DateFilter(method="together")
    published_before = django_filters.DateFilter(method="together")
    organization = django_filters.UUIDFilter(method="together")
    outcome = django_filters.CharFilter(method="together")

    class Meta:
        model = Claim
        fields = ["kind", "subject", "property"]

    APPEARANCE = {
        "article": "article",
        "publisher": "article__publisher",
        "published_after": "article__published_from__gte",
        "published_before": "article__published_to__lte",
    }

    def of_language(self, claims, _name, value):
        return claims.filter(Q(language=value) | Q(language__startswith=f"{value}-"))

    def listed(self, claims):
        asked = self.form.cleaned_data
        found = Q(listings__under=ALL)
        if asked["status"]:
            found &= Q(listings__status=asked["status"])
        if asked["has_verdict"] is not None:
            judged = [it for it in Status if it != Status.UNVERIFIED]
            found &= Q(listings__status__in=judged if asked["has_verdict"] else ["unverified"])
        if asked["changed_after"]:
            found &= Q(listings__changed_at__gte=asked["changed_after"])
        return claims.filter(found)

    def together(self, claims, _name, _value):
        return claims

    def filter_queryset(self, claims):
        claims = super().filter_queryset(claims)
        if reads_listings(self.data):
            claims = self.listed(claims)
        asked = {name: value for name, value in self.form.cleaned_data.items() if value}
        of_appearance = {
            lookup: asked[name] for name, lookup in self.APPEARANCE.items() if name in asked
        }
        if of_appearance:
            found = Appearance.objects.filter(**of_appearance)
            claims = claims.filter(pk__in=found.values("claim"))
        of_verdict = {name: asked[name] for name in ("organization", "outcome") if name in asked}
        if of_verdict:
            found = Verdict.objects.filter(superseded_by__isnull=True, **of_verdict)
            if "outcome" not in asked:
                found = found.exclude(outcome="withdrawn")
            claims = claims.filter(pk__in=found.values("claim"))
        return claims


class ClaimOrdering:
    """Ties are broken by id, so that pages do not overlap."""

    def filter_queryset(self, request, queryset, view):
        ordering = request.query_params.get("ordering", "-created_at")
        sign, column, pk = "-" if ordering.startswith("-") else "", ordering.lstrip("-"), "id"
        if reads_listings(request.query_params):
            named = {"created_at": "claim_created_at", "changed_at": "changed_at"}
            column, pk = f"listings__{named[column]}", "listings__claim_id"
        return queryset.order_by(f"{sign}{column}", f"{sign}{pk}")


class ClaimViewSet(viewsets.ModelViewSet):
    queryset = Claim.objects.all()
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilter
    filter_backends = [
        django_filters.rest_framework.DjangoFilterBackend,
        ClaimOrdering,
    ]

    @action(detail=True)
    def history(self, request, pk=None):
        changes = Change.objects.filter(claim=pk, log_entry__isnull=False)
        page = self.paginate_queryset(changes.order_by("log_entry__number"))
        return self.get_paginated_response(ChangeSerializer(page, many=True).data)


router = routers.DefaultRouter()
router.register("claims", ClaimViewSet)
urlpatterns = [path("api/v1/", include(router.urls))]
application = get_wsgi_application()
