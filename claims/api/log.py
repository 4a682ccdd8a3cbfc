"""The transparency log: its checkpoint, its tiles, and proofs by one call.

Checkpoint, tiles and entries are what C2SP tlog-tiles and tlog-checkpoint say, so that the tools
of others can read them.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims import merkle
from claims.api.changes import HIGHEST, whole
from claims.api.pagination import refused
from claims.api.rendering import Browsable, Json
from claims.api.resource import Resource
from claims.errors import NotFound
from claims.formats.answers import Hex
from claims.models import Checkpoint, LogEntry, LogKey
from claims.queries import tree
from claims.queries.documents import number
from claims.queries.feed import head
from claims.vocabulary import ChangeType

FOR_EVER = "public, max-age=31536000, immutable"


class Raw(Json):
    """What is no JSON, as it is; a problem is JSON here too."""

    charset: str | None = None  # type: ignore[assignment]

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if isinstance(data, bytes):
            return data
        return super().render(data, accepted_media_type, renderer_context)


class PlainText(Raw):
    media_type = "text/plain"
    charset = "utf-8"
    format = "text"


class Octets(Raw):
    media_type = "application/octet-stream"
    format = "octets"


class LogKeyOut(serializers.ModelSerializer):
    number = serializers.IntegerField(
        allow_null=True, help_text="Of the Change that told of it: log.key_added."
    )

    checkpoint = serializers.CharField(
        allow_null=True,
        help_text="The first one since: a key that is added beside another is signed for by it.",
    )

    class Meta:
        model = LogKey
        fields = ["verifier", "added_at", "number", "checkpoint"]


class LogOut(serializers.Serializer):
    """The newest checkpoint, read for you, and the keys that have signed checkpoints."""

    origin = serializers.CharField(allow_null=True)
    size = serializers.IntegerField()
    root = Hex(allow_null=True)  # type: ignore[assignment]
    signed_at = serializers.DateTimeField(allow_null=True)
    keys = LogKeyOut(many=True)


class InclusionOut(serializers.Serializer):
    """That an entry is in the tree. Hashes are hexadecimal. Source: RFC 9162, section 2.1.3."""

    number = serializers.IntegerField()
    index = serializers.IntegerField(help_text="Of the leaf: the number less one.")
    size = serializers.IntegerField()
    entry = serializers.CharField(help_text="Canonical JSON, exactly as it was hashed.")
    leaf_hash = Hex()
    proof = serializers.ListField(child=Hex(), help_text="From the leaf to the root.")
    root = Hex()  # type: ignore[assignment]
    checkpoint = serializers.CharField(
        allow_null=True, help_text="Signed, where there is one of just this size."
    )


class ConsistencyOut(serializers.Serializer):
    """That the tree of `to` entries begins with that of `from`. Source: RFC 9162, 2.1.4."""

    to = serializers.IntegerField()
    old_root = Hex()
    new_root = Hex()
    proof = serializers.ListField(child=Hex())

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.IntegerField(), **super().get_fields()}


PATH = OpenApiParameter(
    "path",
    str,
    OpenApiParameter.PATH,
    description="As C2SP tlog-tiles writes it: `x001/234`, with `.p/<width>` for a partial one.",
)
SIZE = OpenApiParameter(
    "size",
    {"type": "integer", "minimum": 1},
    description="Of the tree that is proved against; the newest checkpoint's by default.",
)


class Log(Resource):
    """The transparency log: nobody can alter or remove what is in it without being found out."""

    resource = "log"
    model = LogEntry
    answers = LogOut

    def get_renderers(self) -> list[Any]:
        raw = {"checkpoint": PlainText, "tile": Octets, "entries": Octets}.get(self.action)
        return [raw()] if raw else [Json(), Browsable()]

    @extend_schema(summary="See how far the log goes, and who signs it")
    def list(self, request: Request, **_path: str) -> Response:
        self.refuse_parameters(known=())
        newest = Checkpoint.objects.order_by("-size").first()
        since = Checkpoint.objects.filter(size__gte=OuterRef("number")).order_by("size")
        keys = (
            LogKey.objects.order_by("added_at", "id")
            .annotate(number=number(ChangeType.LOG_KEY_ADDED))
            .annotate(checkpoint=Subquery(since.values("note")[:1]))
        )
        found = {
            "origin": newest and newest.note.partition("\n")[0],
            "size": newest.size if newest else 0,
            "root": newest and newest.root,
            "signed_at": newest and newest.signed_at,
            "keys": keys,
        }
        return Response(LogOut(found).data)

    @extend_schema(
        summary="Read the newest checkpoint",
        description="A signed note: name, size and root of the log (C2SP tlog-checkpoint). Keep "
        "it, and you can tell later whether history was rewritten.",
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def checkpoint(self, request: Request) -> Response:
        self.refuse_parameters(known=())
        newest = Checkpoint.objects.order_by("-size").values_list("note", flat=True).first()
        if newest is None:
            raise NotFound(_("Nothing is logged yet."))
        return Response(newest.encode(), headers={"Cache-Control": "no-cache"})

    @extend_schema(
        summary="Read a tile of hashes",
        parameters=[PATH],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def tile(self, request: Request, level: str, path: str) -> Response:
        return self.immutable(f"{level}/{path}")

    @extend_schema(
        summary="Read a bundle of entries",
        description="Each entry after its length in two bytes.",
        parameters=[PATH],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def entries(self, request: Request, path: str) -> Response:
        return self.immutable(f"entries/{path}")

    def immutable(self, path: str) -> Response:
        self.refuse_parameters(known=())
        try:
            found = tree.tile(merkle.TileName.parse(path))
        except ValueError:
            raise NotFound(_("This is not the address of a tile.")) from None
        if found is None:
            raise NotFound(_("The log is not that long yet."))
        return Response(found, headers={"Cache-Control": FOR_EVER})

    @extend_schema(
        summary="Have it proved that an entry is in the log",
        parameters=[
            OpenApiParameter("number", {"type": "integer", "minimum": 1}, required=True),
            SIZE,
        ],
        responses={200: InclusionOut},
    )
    def inclusion(self, request: Request) -> Response:
        self.refuse_parameters(known=("number", "size"))
        size = self.size("size")
        wanted = self.size("number", most=size)
        entry = LogEntry.objects.get(number=wanted)
        parts = merkle.inclusion_parts(wanted - 1, size)
        *proof, root = tree.proof([*parts, *merkle.root_parts(size)])
        signed = Checkpoint.objects.filter(size=size).values_list("note", flat=True).first()
        found = {
            "number": wanted,
            "index": wanted - 1,
            "size": size,
            "entry": entry.entry,
            "leaf_hash": entry.leaf_hash,
            "proof": proof,
            "root": root,
            "checkpoint": signed,
        }
        return Response(InclusionOut(found).data)

    @extend_schema(
        summary="Have it proved that the log only grew",
        parameters=[
            OpenApiParameter("from", {"type": "integer", "minimum": 1}, required=True),
            OpenApiParameter("to", {"type": "integer", "minimum": 1}),
        ],
        responses={200: ConsistencyOut},
    )
    def consistency(self, request: Request) -> Response:
        self.refuse_parameters(known=("from", "to"))
        new = self.size("to")
        old = self.size("from", most=new)
        parts = merkle.consistency_parts(old, new)
        *proof, old_root, new_root = tree.proof(
            [*parts, *merkle.root_parts(old), *merkle.root_parts(new)]
        )
        found = {
            "from": old,
            "to": new,
            "old_root": old_root,
            "new_root": new_root,
            "proof": proof,
        }
        return Response(ConsistencyOut(found).data)

    def size(self, name: str, *, most: int | None = None) -> int:
        """A size or number of the query; without one, and where none is needed, the newest.

        Raises BadParameter.
        """
        highest = head() if most is None else most
        text = self.request.query_params.get(name, "" if most else str(highest))
        number = whole(text, HIGHEST)
        if number is None or not 1 <= number <= highest:
            raise refused(name, _("Send a whole number from 1 to %d.") % highest)
        return number
