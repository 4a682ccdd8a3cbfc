"""The OpenAPI description: what drf-spectacular reads off the views, and what all share."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from claims import errors
from claims.api import examples, replicas, searching
from claims.api.pagination import DEFAULT_SIZE, MOST
from claims.api.permissions import QUESTIONS, RIGHTS, SIGNING
from claims.api.refused import ON_SIGNING
from claims.api.rendering import PROBLEM
from claims.api.schema_lists import filter_type, filter_values, paged
from claims.errors import Refusal
from claims.formats.fields import Body
from claims.text.searching import LONGEST

if TYPE_CHECKING:
    from claims.api.resource import Resource

ETAG = {
    "description": "The version of the document, for If-Match and If-None-Match.",
    "schema": {"type": "string", "example": '"0b1f6c1d9a7e4f2c8b3a5d6e7f809102"'},
}
LOCATION = {
    "description": "Where it is now.",
    "schema": {"type": "string", "format": "uri-reference"},
}
REPLAYED = {
    "description": "Sent when this is the answer to an earlier request with the same key.",
    "schema": {"const": "true"},
}
CACHE_CONTROL = {
    "description": "How long it stays as it is.",
    "schema": {"type": "string", "example": "public, max-age=31536000, immutable"},
}
WWW_AUTHENTICATE = {
    "description": "How to send a key.",
    "schema": {"type": "string", "example": 'Bearer realm="Isnad"'},
}
ALLOW = {
    "description": "The methods that there are.",
    "schema": {"type": "string", "example": "GET, HEAD, OPTIONS"},
}
RETRY_AFTER = {
    "description": "How many seconds to wait.",
    "schema": {"type": "integer", "minimum": 1},
}

POSITION = {
    "description": "How far the database had come after this write: send it with a read that is to "
    "see it.",
    "schema": {"type": "string", "example": "0/16B3748"},
}
AFTER = "The position that an answer to a write told: the read then sees that write."
ON_REFUSALS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": WWW_AUTHENTICATE},
    405: {"Allow": ALLOW},
    429: {"Retry-After": RETRY_AFTER},
    503: {"Retry-After": RETRY_AFTER},
}

IF_MATCH = "The ETag of the document as you have read it."
IDEMPOTENCY_KEY = (
    "Send the same key with the same request again, and you get the same answer, for a day."
)

SIMILAR = (
    "File nothing where claims that may say the same are recorded already: they are the "
    "`candidates` of the refusal, as `claims/match/` tells them."
)

ATOMIC = "Record all rows or none: where one is refused, the request is."

ON_ALL = [errors.BadParameter, errors.NotAuthenticated, errors.Forbidden, errors.NotAcceptable]
ON_ALL += [errors.MethodNotAllowed, errors.TooManyRequests, errors.Unavailable]
ON_BODIES = [errors.Invalid, errors.NotJson, errors.TooLarge, errors.UnsupportedMediaType]
ON_BODIES += [errors.RequestTimeout]
ON_VERSIONS = [errors.PreconditionFailed, errors.PreconditionRequired, errors.BadHeader]
ON_PASSAGES = [errors.PassageNotFound, errors.PassageAmbiguous]

JUDGING = {
    ("claims", "verify"),
    ("claims", "dispute"),
    ("claims", "withdraw"),
    ("verdicts", "create"),
}
DECIDING = {("drafts", "confirm"), ("drafts", "send_back"), ("drafts", "withdraw")}
# What supersedes what one's organization said before, or depends on it.
VERSIONED = JUDGING | DECIDING | {("relations", "create"), ("scales", "change")}
VERSIONED |= {("desk-contests", it) for it in ("uphold", "correct", "reject")}
VERSIONED |= {("queue", "assign")}
CACHED = {("log", "checkpoint"), ("log", "tile"), ("log", "entries")}
MARKING = {("claims", "create"), ("appearances", "create"), ("imports", "dossier")}
MARKING |= {("annotations", "create")}


# Their lists have no cursor, and their documents no entity tag.
UNPAGED = {"root", "changes", "log", "annotations"}
UNTAGGED = {"root", "changes", "log", "imports", "exports", "text", "session"}

PAGE_SIZE = OpenApiParameter(
    "page_size", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_SIZE}
)
SEARCH_SAYS = (
    'Words that are all to be there, "a phrase", -without, this OR that; in the text and the '
    "subject of claims, names of speakers, headlines, and rationales that stand."
)
FOLD_SAYS = "`none`: words as they are written, with case, accents, marks and forms of letters."
EXPORTED_AS_OF = {
    "description": "The number of the log after which the record is told.",
    "schema": {"type": "integer", "minimum": 0},
}
AS_OF = {"type": "string", "pattern": "^[0-9][0-9TZtz:.+-]*$", "maxLength": 35}
AS_OF_SAYS = (
    "The record after this number of the log, or as recorded by this instant or day. Lists are "
    "ordered by `created_at` then."
)
# Where what they choose depends on what is counted.
STATS_FILTERS = {
    "organization": "Claims are chosen as in `claims/`: those on which a verdict of it stands. Of "
    "verdicts, times and drafts its own are counted. In the backlog is what waits for it.",
    "outcome": "Claims are chosen as in `claims/`: those on which such a verdict is the last of "
    "its organization. Of verdicts, times (first verdicts) and drafts such ones are counted.",
}


def following() -> list[OpenApiParameter]:
    """How the feed is asked, beside its filters."""
    number = {"type": "integer", "minimum": 0}
    return [
        OpenApiParameter("after", number, description="The last number that you have read."),
        OpenApiParameter(
            "wait",
            number | {"maximum": settings.FEED_LONGEST_WAIT},
            description="Seconds to hold the answer back for, until there is something to tell.",
        ),
        OpenApiParameter(
            "Last-Event-ID",
            {"type": "string", "pattern": "^[0-9]+$", "maxLength": 18},
            OpenApiParameter.HEADER,
            description="As `after`; of Server-Sent Events alone.",
        ),
    ]


class FaultSchema(serializers.Serializer):
    """One part of a request and what is wrong with it: `pointer` into the body, `parameter` of
    the query, or `header`."""

    detail = serializers.CharField()
    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    header = serializers.CharField(required=False)

    class Meta:
        ref_name = "Fault"


class ProblemSchema(serializers.Serializer):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FaultSchema(many=True, required=False)  # type: ignore[assignment]
    rule = serializers.CharField(
        required=False,
        help_text="The name of the rule that says no, where one does: of every 403, and of moves.",
    )

    class Meta:
        ref_name = "Problem"


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "claims.api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "isnad_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "claims.api.authentication.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class Described(AutoSchema):
    @property
    def what(self) -> tuple[str, str]:
        return self.resource.resource, self.resource.action

    @property
    def resource(self) -> "Resource":
        return cast("Resource", self.view)

    def get_tags(self) -> list[str]:
        return [self.what[0]]

    def get_operation_id(self) -> str:
        resource, action = self.what
        return f"{resource}_{action}".replace("-", "_")

    def get_auth(self) -> list[dict[str, list[str]]]:
        super().get_auth()  # which describes the two
        schemes: list[dict[str, list[str]]] = [{"key": []}, {"session": []}]
        return [{}, *schemes] if RIGHTS[self.what] is None else schemes

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "asks", {}).get(self.resource.action)

    def get_response_serializers(self) -> Any:
        status = 201 if self.method == "POST" else 200
        return {status: getattr(self.view, "answers", None)}

    def get_examples(self) -> list[Any]:
        return examples.of(*self.what)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.what[0] not in UNPAGED and bool(super()._is_list_view(serializer))

    @property
    def is_paged(self) -> bool:
        resource, action = self.what
        return action in {"list", "history"} and resource not in UNPAGED

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """An answer has all of its fields: null where one does not apply, never absent."""
        described: Any = super()
        schema: dict[str, Any] = described._map_basic_serializer(serializer, direction)
        kind = serializer if isinstance(serializer, type) else type(serializer)
        if not issubclass(kind, (Body, ProblemSchema, FaultSchema)):
            schema["required"] = sorted(schema["properties"])
        return schema

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_override_parameters(self) -> list[Any]:
        resource, action = self.what
        parameters = []
        if resource == "changes":
            parameters += following()
        if self.is_paged or self.what in {("changes", "list"), ("annotations", "list")}:
            parameters += self.controls() if self.is_paged else [PAGE_SIZE]
        if resource == "exports":
            formats = [it.format for it in self.view.renderer_classes]
            parameters.append(OpenApiParameter("format", {"type": "string", "enum": formats}))
        if action == "list" or resource in {"exports", "stats"}:
            filters = getattr(getattr(self.view, "filterset", None), "base_filters", {})
            says = STATS_FILTERS if resource == "stats" else {}
            parameters += [
                OpenApiParameter(
                    name,
                    filter_type(field),
                    enum=filter_values(field),
                    description=says.get(name, ""),
                )
                for name, field in filters.items()
                if name in getattr(self.view, "filters", filters)
            ]
        if resource == "stats":
            parameters += self.searches()
        if resource == "claims" and action in {"list", "retrieve"}:
            parameters.append(OpenApiParameter("as_of", AS_OF, description=AS_OF_SAYS))
        if action in {"retrieve", "newest"}:
            parameters.append(
                OpenApiParameter(
                    "If-None-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="Answer 304 when this is still the version.",
                )
            )
        if self.method == "GET" and settings.DATABASE_REPLICAS:
            parameters.append(header(replicas.HEADER, AFTER, pattern=replicas.POSITION.pattern))
        if self.method == "PATCH":
            parameters.append(header("If-Match", IF_MATCH, required=True))
        if self.what in VERSIONED:
            parameters.append(header("If-Match", IF_MATCH))
        if self.what == ("claims", "create"):
            parameters.append(
                OpenApiParameter(
                    "similar", {"type": "boolean", "default": False}, description=SIMILAR
                )
            )
        if action == "bulk":
            parameters.append(
                OpenApiParameter(
                    "atomic", {"type": "boolean", "default": False}, description=ATOMIC
                )
            )
        if self.stores:
            parameters.append(header("Idempotency-Key", IDEMPOTENCY_KEY, maxLength=255))
        return parameters

    @property
    def stores(self) -> bool:
        """Whether it is a POST that leaves something behind."""
        return self.method == "POST" and self.what not in QUESTIONS | SIGNING

    @property
    def is_of_none(self) -> bool:
        """Whether what is answered is no document of the resource."""
        return self.what[1] in {"bulk", "dates"} or self.what in QUESTIONS | SIGNING

    def controls(self) -> list[OpenApiParameter]:
        orderings = ("number", "-number") if self.what[1] == "history" else self.resource.orderings
        searches = self.searches()
        if searches:
            orderings = tuple(dict.fromkeys((*orderings, *searching.ORDERINGS)))
        return [
            *searches,
            OpenApiParameter(
                "cursor",
                {"type": "string", "minLength": 1},
                description="From `next` or `previous`.",
            ),
            PAGE_SIZE,
            OpenApiParameter(
                "ordering", {"type": "string", "enum": [*orderings], "default": orderings[0]}
            ),
        ]

    def searches(self) -> list[OpenApiParameter]:
        if self.what[1] not in {"list", "retrieve"}:
            return []
        if not getattr(self.resource, "searched", False):
            return []
        limits = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        fold = {"type": "string", "enum": ["none"]}
        return [
            OpenApiParameter(searching.Q, limits, description=SEARCH_SAYS),
            OpenApiParameter(searching.FOLD, fold, description=FOLD_SAYS),
        ]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        responses = operation["responses"]
        resource, action = self.what
        for status, response in responses.items():
            sent: dict[str, Any] = {}
            if self.is_paged:
                paged(response, searched=bool(self.searches()))
            elif resource not in UNTAGGED and not self.is_of_none:
                sent |= {"ETag": ETAG} | ({"Location": LOCATION} if status == "201" else {})
            if self.stores:
                sent["Idempotency-Replayed"] = REPLAYED
            if resource == "exports":
                sent["Isnad-As-Of"] = EXPORTED_AS_OF
            if self.what in CACHED:
                sent["Cache-Control"] = CACHE_CONTROL
            if self.method != "GET" and settings.DATABASE_REPLICAS:
                sent[replicas.HEADER] = POSITION
            if sent:
                response["headers"] = sent
        if action in {"retrieve", "newest"}:
            responses["304"] = {
                "description": "You have this version already.",
                "headers": {"ETag": ETAG},
            }
        problem = self.resolve_serializer(ProblemSchema, "response").ref
        by_status: dict[int, list[type[Refusal]]] = {}
        for refusal in self.refusals():
            by_status.setdefault(refusal.status, []).append(refusal)
        for status_code, kinds in sorted(by_status.items()):
            responses[str(status_code)] = {
                "description": "; ".join(f"`{kind.slug}`: {kind.title}" for kind in kinds),
                "content": {PROBLEM: {"schema": problem}},
                **({"headers": sent} if (sent := ON_REFUSALS.get(status_code, {})) else {}),
            }
        return operation

    def refusals(self) -> list[type[Refusal]]:
        kinds: list[type[Refusal]] = [*ON_ALL]
        if settings.DATABASE_REPLICAS:
            kinds.append(errors.BadHeader)
        resource, action = self.what
        if resource != "root":
            kinds.append(errors.NotFound)
        if resource == "changes":
            kinds += [errors.BeyondTheLog, errors.BadHeader]
        elif action in {"list", "history"}:
            kinds.append(errors.BadCursor)
        if self.what == ("webhooks", "replay"):
            kinds.append(errors.BeyondTheLog)
        if self.method in {"POST", "PATCH", "PUT"}:
            kinds += ON_BODIES
        if self.stores or self.method == "PATCH":
            kinds += [errors.Conflict, errors.Duplicate]
        if self.what in {("snapshots", "dates"), ("articles", "suggestions")}:
            kinds.append(errors.TextWithheld)
        if self.what in {("articles", "suggestions"), ("annotations", "create")}:
            kinds.append(errors.NoText)
        if self.stores:
            kinds += [errors.KeyReused, errors.RequestInFlight, errors.AnswerErased]
            kinds += [errors.BadHeader]
        if self.method == "PATCH" or self.what in VERSIONED:
            kinds += ON_VERSIONS
        if self.what in JUDGING or self.what == ("imports", "dossier"):
            kinds += [errors.VerdictRefused, errors.LabelNotOnScale]
        if self.what in DECIDING or self.what == ("drafts", "partial_update"):
            kinds += [errors.DraftRefused, errors.VerdictRefused, errors.LabelNotOnScale]
        if self.what == ("relations", "create"):
            kinds.append(errors.RelationRefused)
        kinds += self.resource.refuses.get(action, ()) if resource != "root" else ()
        if self.what in MARKING:
            kinds += ON_PASSAGES
        if self.what == ("claims", "create"):
            kinds.append(errors.SimilarClaims)
        if action == "bulk":
            kinds.append(errors.RowsRefused)
        kinds += ON_SIGNING.get(self.what, [])
        if self.what == ("claims", "partial_update"):
            kinds.append(errors.ClaimAlreadyJudged)
        return list(dict.fromkeys(kinds))


def header(
    name: str, description: str, *, required: bool = False, **limits: Any
) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "string", "minLength": 1, "pattern": "^[ -~]+$"} | limits,
        OpenApiParameter.HEADER,
        description=description,
        required=required,
    )
