"""Commands about the record where there is none, or an older one."""

from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import OperationalError, connection

from claims.management.record import RecordCommand
from tests.models.rows import run

# What makes the tables, what waits until they are there, and what asks nothing of them.
WITHOUT = {"prepare_database", "deliver", "notices", "sequencer", "dossier_schema", "log_key"}
COMMANDS = sorted({name for name, app in get_commands().items() if app == "claims"} - WITHOUT)
SOME = {
    "create_desk": ["A desk", "--admin", "Jane Doe"],
    "import_dossier": ["no.json", "--member", "x"],
    "import_claimreview": ["no.json", "--member", "x"],
    "load_demo": [],
    "verify_log": [],
    "erase": ["change", "1"],
    "match": ["-"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_about_the_record_looks_for_it_first(name: str) -> None:
    assert isinstance(load_command_class("claims", name), RecordCommand)


def refused(name: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(name, *SOME[name], stdout=out, stderr=out)
    assert out.getvalue() == ""
    said = str(refusal.value)
    assert "\n" not in said
    return said


def test_a_database_without_tables_is_told_in_one_line(committed: str) -> None:
    run("DROP TABLE django_migrations", using="owner")
    for name in SOME:
        assert "run manage.py prepare_database" in refused(name), name


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOME)
def test_a_database_of_an_older_version_is_told_in_one_line(name: str) -> None:
    with patch("django.db.migrations.executor.MigrationExecutor.migration_plan") as plan:
        plan.return_value = [("claims.0099_later", False)]
        assert "run manage.py prepare_database" in refused(name)


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_told_in_one_line() -> None:
    gone = OperationalError("connection refused\nIs the server running?")
    with patch.object(connection, "cursor", side_effect=gone):
        assert refused("create_desk") == "The database does not answer: connection refused"
