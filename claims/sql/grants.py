"""What the role that serves requests may do: no more than the record allows.

It owns nothing, so it cannot disable a trigger; what is append-only it can only add to.
"""

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from psycopg import sql

from claims.models.base import AppendOnly, Derived, Disposable

# Only added to by the web role; erasing is the owner's.
ADDED_TO = {
    "claims_content",
    "claims_assertion",
    "claims_dossierentry",
    "claims_importedclaim",
}
READ_ONLY = {"django_migrations"}


def privileges(model: type[Model]) -> str:
    table = model._meta.db_table
    if issubclass(model, Derived):
        return "SELECT"
    if issubclass(model, AppendOnly) or table in ADDED_TO:
        return "SELECT, INSERT"
    if (
        model._meta.app_label != "claims"
        or issubclass(model, Disposable)
        or model._meta.auto_created
    ):
        return "SELECT, INSERT, UPDATE, DELETE"
    return "SELECT, INSERT, UPDATE"


def grant(owner: BaseDatabaseWrapper, web_role: str) -> None:
    """Give `web_role` exactly its rights, as the owner; harmless when repeated."""
    role = sql.Identifier(web_role)
    # In one transaction: a server that is running meanwhile never lacks them.
    with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
        # A temporary table could stand in the way of a real one inside the triggers.
        statements = [
            sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                sql.Identifier(owner.settings_dict["NAME"])
            ),
            sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
            sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
            sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
        ]
        rights = {
            model._meta.db_table: privileges(model)
            for model in apps.get_models(include_auto_created=True)
        } | dict.fromkeys(READ_ONLY, "SELECT")
        statements += [
            sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(right), sql.Identifier(table), role)
            for table, right in rights.items()
        ]
        # What an encoder is used with has no model: it is there where one is plugged in.
        cursor.execute("SELECT to_regclass('public.claims_vector')")
        if cursor.fetchone()[0] is not None:
            statements.append(
                sql.SQL("GRANT SELECT, INSERT, UPDATE ON claims_vector TO {}").format(role)
            )
        for statement in statements:
            cursor.execute(statement)
