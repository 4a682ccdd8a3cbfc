from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import CommandError

from claims.actions.reviews import ReviewTally, import_reviews
from claims.formats.claimreview_in import (
    BadMapping,
    BadTable,
    Source,
    TableMapping,
    mapping,
    outcomes,
)
from claims.management.importing import ImportCommand, summary

MOST_LISTED = 50  # labels that no table knows, the most frequent first


class Command(ImportCommand):
    help = (
        "Import reviews of other organizations: ClaimReview in JSON, NDJSON or HTML, claims of "
        "Google's Fact Check Tools API, tables. Each record is imported, there already, or refused "
        "with its reason. Ends with 0 when all of it is in the record, with 3 when records were "
        "refused, with 1 when it stopped before the end: run it again then."
    )
    tally = ReviewTally
    import_records = staticmethod(import_reviews)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--mapping",
            metavar="NAME|FILE",
            help="Of a table: one of the project's by its name, or a file that names the columns.",
        )

    def source(self, file: str, **options: Any) -> Source:
        name = options["mapping"]
        try:
            columns: TableMapping | None = mapping(name) if name else None
            if columns is not None and file.lower().removesuffix(".gz").endswith(".csv"):
                columns = columns.read_as("text/csv")
            table = outcomes(settings.CLAIMREVIEW_OUTCOMES or None)
        except BadMapping as wrong:
            raise CommandError(f"--mapping: {wrong}") from None
        except (BadTable, OSError) as wrong:
            raise CommandError(f"CLAIMREVIEW_OUTCOMES: {wrong}") from None
        return Source(
            outcomes=table,
            line_limit=settings.BODY_LIMIT,
            document_limit=settings.IMPORT_DOCUMENT_LIMIT,
            mapping=columns,
        )

    def summary(self, tally: ReviewTally) -> str:
        lines = summary(tally)
        if tally.unknown:
            lines.append(
                f"{tally.unknown.total()} ratings are in no table, so inconclusive: say what they "
                "mean in a file that CLAIMREVIEW_OUTCOMES names, and import again."
            )
            lines += [
                f"  {count} × {label or '(a text)'} ({site})"
                for (site, label), count in tally.unknown.most_common(MOST_LISTED)
            ]
        return "\n".join(lines)
