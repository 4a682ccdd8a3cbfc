"""Claims a line each, as JSON (NDJSON): the body of POST /api/v1/claims/, and an id perhaps."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.serializers import ValidationError

from claims.errors import Fault, Invalid, NotJson
from claims.formats import strict_json
from claims.formats.fields import faults_in
from claims.formats.requests import ClaimLine


class Reader:
    """Reads lines; made once for many, since making the serializer costs more than using it."""

    def __init__(self) -> None:
        self.line = ClaimLine()

    def read(self, line: bytes) -> dict[str, Any]:
        """What a line says. Raises NotJson, and Invalid, pointing at every fault of shape."""
        try:
            return dict(self.line.run_validation(strict_json.loads(line)))
        except strict_json.NotJson as wrong:
            raise NotJson(
                wrong.detail, faults=[Fault(wrong.detail, pointer=wrong.pointer)]
            ) from None
        except ValidationError as wrong:
            raise Invalid(
                _("See errors for each field and its mend."), faults=faults_in(wrong.detail)
            ) from None
