from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from django.core.management import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from rest_framework.serializers import ValidationError

from claims.errors import Invalid, NotJson, Refusal
from claims.formats import strict_json
from claims.formats.fields import faults_in
from claims.formats.matching import told
from claims.formats.requests import MatchLine
from claims.management.files import REFUSED, bar, opened
from claims.management.record import RecordCommand
from claims.models import Claim
from claims.queries.matching import matches_for
from claims.text.matching import Match

LONGEST = 200_000  # bytes of a line


class Command(RecordCommand):
    help = (
        "Ask of each line of a file whether it was checked before. A line is JSON as "
        '`claims/match/` takes it, {"text": …}, perhaps with an id; answers go to standard output, '
        "a line each, in order. Ends with 3 when lines could not be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="NDJSON; - is standard input.")
        parser.add_argument("--plain", action="store_true", help="each line is a text, not JSON")
        parser.add_argument(
            "--limit", type=int, default=5, metavar="N", help="matches (%(default)s)"
        )
        parser.add_argument(
            "--min-score", type=float, default=0.0, metavar="P", help="none below (%(default)s)"
        )

    def handle(
        self, *args: Any, file: str, plain: bool, limit: int, min_score: float, **options: Any
    ) -> None:
        defaults = {"limit": limit, "min_score": min_score}
        refused = 0
        try:
            with opened(file) as (source, size), bar(hidden=options["verbosity"] == 0) as progress:
                task = progress.add_task(f"Matching {Path(file).name}", total=size)
                body = MatchLine()
                for number, line in enumerate(lines(source), start=1):
                    progress.advance(task, len(line))
                    if not line.strip():
                        continue
                    try:
                        answer = answered(asked(line, body, plain=plain, defaults=defaults))
                    except Refusal as refusal:
                        refused += 1
                        answer = {
                            "problem": refusal.slug,
                            "detail": str(refusal.detail),
                            "errors": [fault.document() for fault in refusal.faults],
                        }
                    self.stdout.write(orjson.dumps({"line": number, **answer}).decode())
        except OSError as wrong:
            raise CommandError(f"{wrong.filename or file}: {wrong.strerror}") from wrong
        except DatabaseError as wrong:
            raise CommandError(f"Stopped: {str(wrong).strip()}") from wrong
        if refused:
            raise CommandError(f"{refused} lines could not be read.", returncode=REFUSED)


def lines(source: BinaryIO) -> Iterator[bytes]:
    """Of a line that is too long, more than a line may have, and no more."""
    while line := source.readline(LONGEST + 1):
        rest = line
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST + 1)
        yield line


def asked(line: bytes, body: MatchLine, *, plain: bool, defaults: dict[str, Any]) -> dict[str, Any]:
    """Raises NotJson, Invalid."""
    try:
        if len(line) > LONGEST:
            detail = _("A line may have %(limit)d bytes.") % {"limit": LONGEST}
            raise strict_json.NotJson(detail)
        said: Any = strict_json.loads(line) if not plain else {"text": line.decode().rstrip("\r\n")}
        if isinstance(said, dict):
            said = defaults | said
        return dict(body.run_validation(said))
    except UnicodeDecodeError:
        raise NotJson(_("The line is not UTF-8.")) from None
    except strict_json.NotJson as wrong:
        raise NotJson(str(wrong)) from None
    except ValidationError as wrong:
        raise Invalid(
            _("See errors for each field and its mend."), faults=faults_in(wrong.detail)
        ) from None


def answered(asked: dict[str, Any]) -> dict[str, Any]:
    found = matches_for(asked)
    claims = Claim.objects.in_bulk({it.id for its in found for it in its})
    results = [{"matches": [document(it, claims) for it in its]} for its in found]
    own = {"id": asked["id"]} if "id" in asked else {}
    return own | ({"results": results} if "texts" in asked else results[0])


def document(match: Match[UUID], claims: dict[UUID, Claim]) -> dict[str, Any]:
    claim = claims[match.id]
    shown = ("kind", "text", "language", "status")
    return {
        "claim": {"id": str(claim.pk)} | {name: getattr(claim, name) for name in shown},
        **told(match),
    }
