from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from claims.actions.desks import add_member, create_api_key, create_organization
from claims.management.record import RecordCommand
from claims.models import ApiKey, Member, Organization
from claims.vocabulary import Role, Scope

DESK, CHECKER = "Isnad demo desk", "Demo checker"


class Command(RecordCommand):
    help = (
        "Make a demo organization with a checker's API key, and load the dossiers of seeds/. "
        "The key is kept in the data folder where only its owner can read it."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        kept = settings.DATA_DIR / "demo_key"
        with transaction.atomic():
            checker = demo_checker()
            key = kept.read_text().strip() if kept.exists() else ""
            if not ApiKey.objects.filter(
                member=checker, digest=ApiKey.digest_of(key), revoked_at=None
            ).exists():
                _row, key = create_api_key(
                    member=checker, label="demo", scopes=[Scope.READ, Scope.WRITE], by=None
                )
                keep_secret(kept, key)
        dossiers = sorted(Path(settings.BASE_DIR, "seeds").glob("*.json"))
        if dossiers:
            call_command(
                "import_dossier",
                *map(str, dossiers),
                member=str(checker.pk),
                verbosity=options["verbosity"],
                stdout=self.stdout,
            )
        return key


def demo_checker() -> Member:
    desk = Organization.objects.filter(name=DESK).first() or create_organization(name=DESK, by=None)
    if not desk.members.filter(role=Role.ADMIN).exists():
        add_member(organization=desk, name="Demo admin", role=Role.ADMIN, by=None)
    there = desk.members.filter(name=CHECKER, role=Role.CHECKER, ended_at=None).first()
    return there or add_member(organization=desk, name=CHECKER, role=Role.CHECKER, by=None)


def keep_secret(path: Path, secret: str) -> None:
    """Written under another name first, so that a key is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(secret + "\n")
    fresh.replace(path)
