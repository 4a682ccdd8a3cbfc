"""What was found on a claim, as schema.org ClaimReview."""

import hashlib
from typing import Any

import orjson
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.preconditions import is_known
from claims.api.rendering import Browsable, Json
from claims.api.resource import Resource
from claims.api.reviews import ReviewedOut, of_claims, reviewed_claims, site_of
from claims.errors import NotFound
from claims.formats import claimreview
from claims.models import Claim

DOCUMENTS = {
    "type": "array",
    "items": {
        "type": "object",
        "description": "A schema.org ClaimReview: a JSON-LD document that stands by itself.",
        "required": ["@context", "@type", "@id", "url", "claimReviewed", "reviewRating"],
        "additionalProperties": True,
    },
}


class JsonLd(Json):
    media_type = claimreview.MEDIA_TYPE
    format = "jsonld"


class ClaimReviews(Resource):
    """The verdicts that stand on a claim, in the words of schema.org."""

    resource = "claimreview"
    model = Claim
    answers = ReviewedOut
    made_of = staticmethod(reviewed_claims)

    def get_renderers(self) -> list[Any]:
        return [JsonLd(), Json(), Browsable()]

    @extend_schema(
        summary="Read the verdicts on a claim as ClaimReview",
        description="A JSON-LD document for each verdict that stands: none, where none does. Each "
        "property is from the record, or left out.",
        responses={(200, claimreview.MEDIA_TYPE): DOCUMENTS},
    )
    def retrieve(self, request: Request, claim: str) -> Response:  # type: ignore[override]
        self.refuse_parameters(known=())
        found = of_claims().documents([self.id_of(claim)])
        if not found:
            raise NotFound(_("There is nothing with this id."))
        told = claimreview.documents(orjson.loads(found[0]), site=site_of(request))
        # Made of what is told: more rows than an entity tag of row versions covers.
        tag = f'"{hashlib.sha256(orjson.dumps(told)).hexdigest()[:32]}"'
        if is_known(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(told, headers={"ETag": tag})
