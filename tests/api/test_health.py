"""What whoever watches the server is told."""

from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client


def test_livez_asks_nothing_of_the_database() -> None:
    # Without the mark that opens the database, a statement would fail this test.
    assert Client().get("/livez").json() == {"status": "alive"}


@pytest.mark.django_db
def test_readyz_is_ready_when_the_tables_are() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_readyz_names_the_migrations_that_are_missing() -> None:
    missing = [("claims.0099_later", False)]
    with patch("django.db.migrations.executor.MigrationExecutor.migration_plan") as plan:
        plan.return_value = missing
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["claims.0099_later"]


@pytest.mark.django_db
def test_readyz_says_when_the_database_does_not_answer() -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] is None


@pytest.mark.django_db
def test_a_request_that_meets_a_silent_database_is_told_to_come_again() -> None:
    with patch("django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError("")):
        answer = Client().get("/api/v1/claims/")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) > 0
