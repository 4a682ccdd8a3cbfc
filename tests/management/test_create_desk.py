"""How a desk begins: an operator makes it, its admin goes on through the API."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from claims.models import Change, Organization
from tests.conftest import Api


def made(*arguments: str) -> dict[str, str]:
    out = StringIO()
    call_command("create_desk", *arguments, stdout=out)
    return dict(line.split(": ", 1) for line in out.getvalue().splitlines())


@pytest.mark.django_db
def test_the_admin_of_a_new_desk_adds_members_with_the_printed_key() -> None:
    said = made("مكتب التحقق", "--admin", "ليلى حسن", "--url", "https://example.org/")
    admin = Api(said["API key"])
    members = f"/organizations/{said['Organization']}/members/"
    admin.made(members, {"name": "A checker", "role": "checker"})
    names = {member["name"] for member in admin.read(members)["results"]}
    assert names == {"ليلى حسن", "A checker"}
    types = set(Change.objects.values_list("type", flat=True))
    assert types >= {"organization.created", "member.added", "api_key.created"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["A desk", "--admin", "  "], "--admin"),
        (["\u202edesk", "--admin", "Jane Doe"], "organization"),
        (["A desk", "--admin", "Jane Doe", "--url", "ftp://example.org"], "organization"),
    ],
)
def test_what_a_request_may_not_say_the_command_may_not_either(
    arguments: list[str], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        made(*arguments)
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_a_name_that_is_taken_is_refused() -> None:
    made("A desk", "--admin", "Jane Doe")
    with pytest.raises(CommandError, match="recorded already"):
        made("A desk", "--admin", "John Doe")
