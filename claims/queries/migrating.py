"""Whether the database has the tables that this version needs."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def missing() -> list[str]:
    """The migrations that have not been made there. Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(step) for step, _backwards in plan]
