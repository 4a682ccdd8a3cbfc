from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.db import transaction

from claims.actions.desks import add_member, create_api_key, create_organization
from claims.formats.desk import MemberIn, OrganizationIn
from claims.formats.requests import ApiKeyIn
from claims.management.record import RecordCommand
from claims.models import Organization
from claims.vocabulary import Role, Scope


class Command(RecordCommand):
    help = (
        "Make an organization with its first admin, and print the admin's API key, which is "
        "told this once. The admin adds members and keys through the API."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The organization's name.")
        parser.add_argument("--admin", required=True, help="The admin's name.")
        parser.add_argument("--url", help="Where the organization is on the web.")

    @transaction.atomic
    def handle(self, *args: Any, name: str, admin: str, url: str | None, **options: Any) -> None:
        desk = sound(OrganizationIn, "organization", name=name, url=url)
        person = sound(MemberIn, "--admin", name=admin, role=Role.ADMIN)
        label = sound(ApiKeyIn, "key", label="first key", scopes=list(Scope))
        if Organization.objects.filter(name=name).exists():
            raise CommandError(f"An organization named {name!r} is recorded already.")
        organization = create_organization(**desk, by=None)
        member = add_member(organization=organization, **person, by=None)
        _key, secret = create_api_key(member=member, **label, by=None)
        self.stdout.write(f"Organization: {organization.pk}")
        self.stdout.write(f"Admin: {member.pk}")
        self.stdout.write(f"API key: {secret}")


def sound(body: type[Any], what: str, **said: Any) -> dict[str, Any]:
    """What was said, held to the same rules as a request. Raises CommandError."""
    asked = body(data=said)
    if not asked.is_valid():
        reasons = "; ".join(str(reason) for found in asked.errors.values() for reason in found)
        raise CommandError(f"{what}: {reasons}")
    return dict(asked.validated_data)
