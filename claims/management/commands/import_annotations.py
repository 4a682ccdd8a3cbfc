from typing import Any

from django.conf import settings

from claims.actions.annotations import import_annotations
from claims.formats.annotations_in import Source
from claims.management.importing import ImportCommand


class Command(ImportCommand):
    help = (
        "Import passages that annotation tools marked: Hypothesis' exports, Web Annotations and "
        "their pages, in JSON or NDJSON. Their articles have to be recorded with their texts. Each "
        "annotation is imported, there already, or refused with its reason. Ends with 0 when all "
        "of it is in the record, with 3 when annotations were refused, with 1 when it stopped "
        "before the end: run it again then."
    )
    import_records = staticmethod(import_annotations)

    def source(self, file: str, **options: Any) -> Source:
        return Source(line_limit=settings.BODY_LIMIT, document_limit=settings.IMPORT_DOCUMENT_LIMIT)
