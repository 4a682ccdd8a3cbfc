from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import DatabaseError

from claims.actions.dossiers import Summary, import_dossier
from claims.errors import Refusal
from claims.formats import dossier, strict_json
from claims.management.files import bar, checker
from claims.management.record import RecordCommand


class Command(RecordCommand):
    help = "Import dossiers: of each file all or nothing, and nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--member", required=True, help="The id of the member who files it.")

    def handle(self, *args: Any, files: list[Path], member: str, **options: Any) -> None:
        by = checker(member)
        quiet = options["verbosity"] == 0
        read = [(file, document(file)) for file in map(Path, files)]
        with bar(hidden=quiet) as progress:
            total = sum(len(it.get(kind, ())) for _file, it in read for kind in dossier.KINDS)
            task = progress.add_task("Importing", total=total)
            for file, it in read:
                progress.update(task, description=f"Importing {file.name}")
                try:
                    summary = import_dossier(it, by=by, tick=lambda _kind: progress.advance(task))
                except Refusal as refusal:
                    raise CommandError(f"{file}: nothing imported.\n{reasons(refusal)}") from None
                except DatabaseError as wrong:
                    raise CommandError(f"{file}: nothing imported. {wrong}") from wrong
                if not quiet:
                    self.stdout.write(f"{file.name}: {told(summary)}")


def document(file: Path) -> dict[str, Any]:
    try:
        return dossier.read(strict_json.loads(file.read_bytes()))
    except OSError as wrong:
        raise CommandError(f"{file}: {wrong.strerror}.") from None
    except strict_json.NotJson as wrong:
        raise CommandError(f"{file}: nothing imported.\n  {wrong.pointer}: {wrong}") from None
    except Refusal as refusal:
        raise CommandError(f"{file}: nothing imported.\n{reasons(refusal)}") from None


def reasons(refusal: Refusal) -> str:
    lines = [f"  {fault.pointer}: {fault.detail}" for fault in refusal.faults[:20]]
    return "\n".join([str(refusal.detail), *lines])


def told(summary: Summary) -> str:
    added = ", ".join(f"{count} {kind}s" for kind, count in summary.added.items()) or "nothing"
    parts = [f"added {added}"]
    if summary.known:
        parts.append(f"{sum(summary.known.values())} entries were there already")
    if summary.changed:
        parts.append("differ from what was imported before: " + ", ".join(summary.changed[:10]))
    if summary.left_out:
        parts.append("left out, as judged otherwise: " + ", ".join(summary.left_out[:10]))
    return "; ".join(parts) + "."
