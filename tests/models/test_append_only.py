"""What is recorded stays: for the role that serves requests, and for the owner of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from claims.models.base import AppendOnly
from claims.queries.documents import claims
from claims.sql import HERE
from claims.sql.grants import grant, privileges
from tests import make
from tests.log import numbered
from tests.models.rows import KINDS, Record, insert, refused_by, run, sound
from tests.models.test_constraints import TRIGGERS

APPEND_ONLY = (
    *("snapshot", "appearance", "relay", "anchor", "verdict", "evidence", "change", "relation"),
    *("ratingscale", "rating"),
    *("logentry", "tile", "checkpoint", "logkey"),
    *("attempt", "draftstep"),
    *("queuemove", "note", "notemention"),
)
# The rest of the record: some of it can be edited, nothing of it goes away.
KEPT = (
    "publisher",
    "article",
    "speaker",
    "claim",
    "assertion",
    "organization",
    "member",
    "apikey",
    "invitation",
    "content",
    "webhook",
    "delivery",
    "extent",
    "draft",
    "queueitem",
    "contest",
)
# No record: what serves a while, and who signs in.
OTHERS = (
    "idempotencykey",
    "ratecount",
    "session",
    "signintry",
    "secondfactor",
    "notice",
    "noticesettings",
    "dossierentry",
    "importedclaim",
    "user",
    "unnumbered",
    "posting",
    "frequency",
    "uncounted",
    "numeral",
    "segment",
    "column",
    "counted",
)
# What triggers make of the record: it goes no more than the record does.
DERIVED = ("placement", "listing", "matter", "wording", "naming", "stretch", "due")
DERIVED += ("correction",)

EVERY_PRIVILEGE = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
WEB_MAY = {
    **dict.fromkeys(
        (*APPEND_ONLY, "assertion", "content", "dossierentry", "importedclaim"), "SELECT INSERT"
    ),
    **dict.fromkeys(
        ("publisher", "article", "speaker", "claim", "organization", "member", "apikey", "user"),
        "SELECT INSERT UPDATE",
    ),
    **dict.fromkeys(
        ("webhook", "delivery", "extent", "draft", "invitation", "queueitem", "contest"),
        "SELECT INSERT UPDATE",
    ),
    **dict.fromkeys(DERIVED, "SELECT"),
    **dict.fromkeys(
        (
            "idempotencykey",
            "ratecount",
            "session",
            "signintry",
            "secondfactor",
            "notice",
            "noticesettings",
            "user_groups",
            "user_user_permissions",
            "unnumbered",
            "posting",
            "frequency",
            "uncounted",
            "numeral",
            "segment",
            "column",
            "counted",
        ),
        "SELECT INSERT UPDATE DELETE",
    ),
}


@contextmanager
def not_allowed() -> Iterator[None]:
    """The role lacks the privilege for what is done inside."""
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
        yield
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


def rows_of_everything() -> Record:
    """At least one committed row in every table of the record."""
    record = Record.whole()
    made = ("withheld", "statement", "fact", "quantity", "unchecked", "mention")
    made += ("ratingscale", "rating")  # by the actions: a scale is whole at once
    for kind in KINDS:
        if kind not in made:
            insert(*sound(record, kind))
    numbered()
    run("INSERT INTO claims_stretch (number, begins_at) VALUES (1, now())", using="owner")
    insert("tile", {"level": 0, "index": 0, "hashes": b"\0" * 8192, "root": b"\0" * 32})
    return record


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE claims_{0} SET {1} = {1}", "DELETE FROM claims_{0}", "TRUNCATE claims_{0}"],
)
def test_the_web_role_can_only_add_to(db: None, table: str, statement: str) -> None:
    column = apps.get_model("claims", table)._meta.local_concrete_fields[0].column
    with not_allowed():
        run(statement.format(table, column))


@pytest.mark.parametrize("table", KEPT + DERIVED)
@pytest.mark.parametrize("statement", ["DELETE FROM claims_{}", "TRUNCATE claims_{} CASCADE"])
def test_the_web_role_can_remove_nothing_of(db: None, table: str, statement: str) -> None:
    with not_allowed():
        run(statement.format(table))


@pytest.mark.parametrize("table", ["content", "assertion", "placement", "listing", "matter"])
def test_the_web_role_cannot_change(db: None, table: str) -> None:
    column = "claim_id" if table in ("placement", "listing") else "id"
    with not_allowed():
        run(f"UPDATE claims_{table} SET {column} = {column}")


def test_even_the_owner_changes_and_removes_nothing_of_what_is_append_only(committed: str) -> None:
    rows_of_everything()
    # Nothing is empty, so that it is the triggers that refuse, not the want of rows.
    assert [
        table for table in APPEND_ONLY if not run(f"SELECT 1 FROM claims_{table} LIMIT 1")
    ] == []
    for table in APPEND_ONLY:
        columns = [it.column for it in apps.get_model("claims", table)._meta.concrete_fields]
        statements = [
            f'UPDATE claims_{table} SET "{it}" = "{it}"' for it in columns if it != "previous"
        ]
        for statement in [
            *statements,
            f"DELETE FROM claims_{table}",
            f"TRUNCATE claims_{table} CASCADE",
        ]:
            with refused_by(f"{table}_append_only", using="owner"):
                run(statement, using="owner")


def test_even_the_owner_removes_nothing_of_the_record(committed: str) -> None:
    rows_of_everything()
    kept = KEPT + DERIVED
    assert [table for table in kept if not run(f"SELECT 1 FROM claims_{table} LIMIT 1")] == []
    for table in kept:
        with refused_by(f"{table}_append_only", using="owner"):
            run(f"DELETE FROM claims_{table}", using="owner")
        with pytest.raises(IntegrityError, match="TRUNCATE refused"):
            run(f"TRUNCATE claims_{table} CASCADE", using="owner")


def test_an_upsert_does_not_get_round_the_triggers(committed: str) -> None:
    record = rows_of_everything()
    with refused_by("snapshot_append_only", using="owner"):
        run(
            """
            INSERT INTO claims_snapshot (article_id, sha256, length)
            SELECT article_id, sha256, length FROM claims_snapshot WHERE id = %s
            ON CONFLICT (article_id, sha256) DO UPDATE SET captured_at = now()""",
            [record.snapshot.pk],
            using="owner",
        )


# Erasing: the one thing that happens to a recorded text


def test_erasing_a_text_leaves_its_hash_and_the_rows_that_point_at_it(committed: str) -> None:
    record = Record.whole()
    verdict, snapshot = record.tip, record.snapshot
    before = {
        table: run(f"SELECT * FROM claims_{table} ORDER BY id")
        for table in ("verdict", "snapshot", "appearance", "change")
    }
    for content_id in (verdict.rationale_id, snapshot.content_id):
        described = "SELECT sha256, length FROM claims_content WHERE id = %s"
        kept = run(described, [content_id])
        run(
            "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s",
            [content_id],
            using="owner",
        )
        assert run(described, [content_id]) == kept
    assert before == {table: run(f"SELECT * FROM claims_{table} ORDER BY id") for table in before}
    document = claims().get(pk=verdict.claim_id)
    assert [it.rationale.text for it in document.standing_verdicts] == [None]


@pytest.mark.parametrize(
    "change",
    [
        "text = 'Other words'",
        "text = 'Other words', sha256 = sha256('Other words'), length = 11",
        "text = NULL, erased_at = now(), length = 1",
        "text = NULL, erased_at = now(), sha256 = sha256('')",
        "text = NULL, erased_at = now(), id = gen_random_uuid()",
        "length = length",
        "erased_at = now()",
    ],
)
def test_a_content_cannot_be_changed_even_by_the_owner(committed: str, change: str) -> None:
    with transaction.atomic():
        content_id = make.snapshot().content_id
    with refused_by("content_only_erased", using="owner"):
        run(f"UPDATE claims_content SET {change} WHERE id = %s", [content_id], using="owner")


@pytest.mark.parametrize("change", ["erased_at = now()", "text = 'It was', erased_at = NULL"])
def test_an_erased_content_stays_as_it_is(committed: str, change: str) -> None:
    with transaction.atomic():
        content_id = make.snapshot().content_id
    erase = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s"
    run(erase, [content_id], using="owner")
    with refused_by("content_only_erased", using="owner"):
        run(f"UPDATE claims_content SET {change} WHERE id = %s", [content_id], using="owner")


# The role that serves requests


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE claims_verdict DISABLE TRIGGER verdict_append_only",
        "ALTER TABLE claims_verdict DISABLE TRIGGER ALL",
        "DROP TRIGGER verdict_append_only ON claims_verdict",
        "ALTER TABLE claims_verdict DROP CONSTRAINT verdict_outcome_known",
        "DROP INDEX verdict_superseded_once",
        "ALTER TABLE claims_verdict RENAME TO claims_old",
        "DROP TABLE claims_evidence",
        "CREATE TRIGGER mine BEFORE INSERT ON claims_claim"
        " FOR EACH ROW EXECUTE FUNCTION claims_refuse_v1()",
        "CREATE RULE mine AS ON INSERT TO claims_change DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION claims_refuse_v1() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "SET ROLE {owner}",
        "CREATE TABLE mine (id int)",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('claims', '0099', now())",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_web_role_cannot(db: None, statement: str) -> None:
    owner = connections["owner"].settings_dict["USER"]
    with not_allowed():
        run(statement.format(owner=connection.ops.quote_name(owner)))


def test_the_web_role_makes_no_temporary_tables_that_could_stand_before_real_ones(
    committed: str,
) -> None:
    # A clone does not inherit the rights that belong to a database as a whole.
    grant(connections["owner"], connection.settings_dict["USER"])
    with not_allowed():
        run("CREATE TEMPORARY TABLE claims_verdict (id uuid)")


def test_the_web_role_is_nobody_special(db: None) -> None:
    assert run("""
        SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
        FROM pg_roles WHERE rolname = current_user""") == [(False,) * 5]
    assert run("SELECT roleid FROM pg_auth_members WHERE member = current_user::regrole") == []


def test_the_web_role_owns_nothing(db: None) -> None:
    for catalogue, column in (
        ("pg_class", "relowner"),
        ("pg_proc", "proowner"),
        ("pg_namespace", "nspowner"),
        ("pg_database", "datdba"),
        ("pg_type", "typowner"),
    ):
        assert run(f"SELECT oid FROM {catalogue} WHERE {column} = current_user::regrole") == []


# Guards


def triggers_of(table: str) -> dict[str, str]:
    return dict(
        run(
            """
            SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger
            WHERE tgrelid = %s::regclass AND NOT tgisinternal""",
            [f"claims_{table}"],
        )
    )


def test_the_lists_of_this_file_are_those_of_the_models() -> None:
    models = {it._meta.model_name: it for it in apps.get_app_config("claims").get_models()}
    append_only = {name for name, model in models.items() if issubclass(model, AppendOnly)}
    assert append_only == set(APPEND_ONLY)
    assert models.keys() == {*APPEND_ONLY, *KEPT, *OTHERS, *DERIVED}


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_both_triggers_are_on(db: None, table: str) -> None:
    triggers = triggers_of(table)
    assert "BEFORE DELETE OR UPDATE ON" in triggers[f"{table}_append_only"]
    assert "FOR EACH ROW EXECUTE" in triggers[f"{table}_append_only"]
    assert "BEFORE TRUNCATE ON" in triggers[f"{table}_never_truncated"]


@pytest.mark.parametrize("table", KEPT + DERIVED)
def test_what_is_kept_has_both_triggers(db: None, table: str) -> None:
    triggers = triggers_of(table)
    assert "BEFORE DELETE ON" in triggers[f"{table}_never_deleted"]
    assert "BEFORE TRUNCATE ON" in triggers[f"{table}_never_truncated"]


def may(table: str) -> set[str]:
    """What the web role may do with a table: as a whole, or with some columns alone."""
    [found] = run(
        "SELECT "
        + ", ".join(
            f"has_any_column_privilege(%(table)s::regclass, '{it}')"
            if it in ("SELECT", "INSERT", "UPDATE", "REFERENCES")
            else f"has_table_privilege(%(table)s::regclass, '{it}')"
            for it in EVERY_PRIVILEGE
        ),
        {"table": table},
    )
    return {name for name, allowed in zip(EVERY_PRIVILEGE, found, strict=True) if allowed}


def test_the_web_role_may_do_with_each_table_what_is_meant_and_no_more(db: None) -> None:
    tables = [it for (it,) in run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    actual = {table: may(table) for table in tables}
    meant = {f"claims_{table}": set(rights.split()) for table, rights in WEB_MAY.items()}
    assert {table: it for table, it in actual.items() if table.startswith("claims_")} == meant
    granted = {
        model._meta.db_table: set(privileges(model).split(", "))
        for model in apps.get_models(include_auto_created=True)
    }
    assert actual == granted | {"django_migrations": {"SELECT"}}


def test_granting_again_changes_nothing_and_takes_back_what_is_too_much(committed: str) -> None:
    web, owner = connection.settings_dict["USER"], connections["owner"]
    role = connection.ops.quote_name(web)
    run(f"GRANT ALL ON claims_verdict TO {role}", using="owner")
    run(f"GRANT UPDATE (rationale_id) ON claims_verdict TO {role}", using="owner")
    grant(owner, web)
    grant(owner, web)
    assert may("claims_verdict") == {"SELECT", "INSERT"}


def test_rights_are_never_away_while_they_are_granted(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that runs while `prepare_database` does its work, or fails, goes on working."""
    monkeypatch.setattr("claims.sql.grants.READ_ONLY", {"no_such_table"})
    with pytest.raises(ProgrammingError, match="no_such_table"):
        grant(connections["owner"], connection.settings_dict["USER"])
    assert may("django_migrations") == {"SELECT"}


def test_the_guards_can_be_taken_off_and_put_on_again(committed: str) -> None:
    def installed() -> list[tuple[Any, ...]]:
        return run("""
            SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL
            SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
            UNION ALL
            SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            ORDER BY 1, 2""")

    def run_file(name: str) -> None:
        run((HERE / name).read_text("utf-8"), using="owner")

    before = installed()
    # On what is the same, indexes stand.
    parts = ["append_only", "record", "listing", "log", "webhooks", "claim_listing"]
    parts += ["words", "search", "conflicts", "external", "drafts", "scales", "desk", "people"]
    parts += ["contests", "reach", "desk_order", "reach_order", "confirming", "contested"]
    names = [f"{it}_v1" for it in parts]
    for name in reversed(names):
        run_file(f"{name}.undo.sql")
    assert {name for (name, _) in installed()}.isdisjoint({*TRIGGERS, "verdict_append_only"})
    for name in names:
        run_file(f"{name}.sql")
    assert installed() == before


def test_every_file_of_sql_can_be_undone() -> None:
    files = {it.name.removesuffix(".sql") for it in HERE.glob("*.sql")}
    forward = {name for name in files if not name.endswith(".undo")}
    assert files - forward == {f"{name}.undo" for name in forward}
