import uuid
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import claims.models.base
import claims.models.extent
from claims import values
from claims.sql import install

COLUMNS = "subject", "property", "value", "value_type", "unit", "approximate", "lower", "upper"
AT_ONCE = 5_000


def group_facts(apps: Any, schema_editor: Any) -> None:
    """Read the facts that are there, as filing one does from now on."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE claims_claim IN SHARE ROW EXCLUSIVE MODE")
        last = uuid.UUID(int=0)
        while True:
            cursor.execute(
                f"SELECT id, status, {', '.join(COLUMNS)} FROM claims_claim "  # noqa: S608
                "WHERE kind = 'fact' AND id > %s ORDER BY id LIMIT %s",
                [last, AT_ONCE],
            )
            facts = cursor.fetchall()
            if not facts:
                break
            with cursor.copy(
                "COPY claims_extent (claim_id, status, subject, property, matter, scale, low, high)"
                " FROM STDIN"
            ) as copy:
                for pk, status, *columns in facts:
                    fact = dict(zip(COLUMNS, columns, strict=True))
                    about = values.about(fact["subject"], fact["property"])
                    copy.write_row((pk, status, *about, *values.extent(fact)))
            last = facts[-1][0]
        # What follows changes the table, which nothing may wait for then.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    """Decisions about pairs of claims, and facts by what they are about (docs/adr/0026, 0027).

    Writers wait while the facts that are there are read: some minutes for a million claims.
    """

    dependencies = [
        ("claims", "0008_matching"),
    ]

    operations = [
        migrations.CreateModel(
            name="Extent",
            fields=[
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="extent",
                        serialize=False,
                        to="claims.claim",
                    ),
                ),
                ("subject", models.UUIDField()),
                ("property", models.UUIDField()),
                ("matter", models.UUIDField()),
                ("scale", models.CharField(db_collation="C", max_length=100, null=True)),
                ("low", claims.models.extent.Numeric(null=True)),
                ("high", claims.models.extent.Numeric(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unverified", "Unverified"),
                            ("verified", "Verified"),
                            ("disputed", "Disputed"),
                            ("inconclusive", "Inconclusive"),
                            ("contested", "Contested"),
                        ],
                        db_collation="C",
                        db_default="unverified",
                        max_length=12,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("root", models.UUIDField()),
                ("subject", models.UUIDField()),
                ("property", models.UUIDField()),
                ("is_decided", models.BooleanField(db_default=False)),
                ("rank", models.PositiveSmallIntegerField(null=True)),
                ("found_at", models.DateTimeField(null=True)),
                ("place", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=claims.models.base.UUID7(),
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("same", "Same"),
                            ("not_the_same", "Not The Same"),
                            ("contradicts", "Contradicts"),
                            ("narrows", "Narrows"),
                            ("updates", "Updates"),
                            ("translation_of", "Translation Of"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=14,
                    ),
                ),
                ("score", models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                ("reasons", models.JSONField(default=list)),
                (
                    "decided_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="change",
            name="change_type_known",
        ),
        migrations.RemoveConstraint(
            model_name="webhook",
            name="webhook_types_known",
        ),
        migrations.AlterField(
            model_name="change",
            name="type",
            field=models.CharField(
                choices=[
                    ("publisher.created", "Publisher Created"),
                    ("publisher.edited", "Publisher Edited"),
                    ("article.created", "Article Created"),
                    ("article.edited", "Article Edited"),
                    ("snapshot.captured", "Snapshot Captured"),
                    ("speaker.created", "Speaker Created"),
                    ("speaker.edited", "Speaker Edited"),
                    ("claim.created", "Claim Created"),
                    ("claim.edited", "Claim Edited"),
                    ("appearance.added", "Appearance Added"),
                    ("appearance.reanchored", "Appearance Reanchored"),
                    ("verdict.issued", "Verdict Issued"),
                    ("verdict.withdrawn", "Verdict Withdrawn"),
                    ("relation.decided", "Relation Decided"),
                    ("relation.withdrawn", "Relation Withdrawn"),
                    ("organization.created", "Organization Created"),
                    ("organization.edited", "Organization Edited"),
                    ("member.added", "Member Added"),
                    ("member.edited", "Member Edited"),
                    ("api_key.created", "Api Key Created"),
                    ("api_key.revoked", "Api Key Revoked"),
                    ("webhook.created", "Webhook Created"),
                    ("webhook.edited", "Webhook Edited"),
                    ("log.key_added", "Log Key Added"),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="webhook",
            name="types",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("publisher.created", "Publisher Created"),
                        ("publisher.edited", "Publisher Edited"),
                        ("article.created", "Article Created"),
                        ("article.edited", "Article Edited"),
                        ("snapshot.captured", "Snapshot Captured"),
                        ("speaker.created", "Speaker Created"),
                        ("speaker.edited", "Speaker Edited"),
                        ("claim.created", "Claim Created"),
                        ("claim.edited", "Claim Edited"),
                        ("appearance.added", "Appearance Added"),
                        ("appearance.reanchored", "Appearance Reanchored"),
                        ("verdict.issued", "Verdict Issued"),
                        ("verdict.withdrawn", "Verdict Withdrawn"),
                        ("relation.decided", "Relation Decided"),
                        ("relation.withdrawn", "Relation Withdrawn"),
                        ("organization.created", "Organization Created"),
                        ("organization.edited", "Organization Edited"),
                        ("member.added", "Member Added"),
                        ("member.edited", "Member Edited"),
                        ("api_key.created", "Api Key Created"),
                        ("api_key.revoked", "Api Key Revoked"),
                        ("webhook.created", "Webhook Created"),
                        ("webhook.edited", "Webhook Edited"),
                        ("log.key_added", "Log Key Added"),
                    ],
                    max_length=32,
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "publisher.created",
                            "publisher.edited",
                            "article.created",
                            "article.edited",
                            "snapshot.captured",
                            "speaker.created",
                            "speaker.edited",
                            "claim.created",
                            "claim.edited",
                            "appearance.added",
                            "appearance.reanchored",
                            "verdict.issued",
                            "verdict.withdrawn",
                            "relation.decided",
                            "relation.withdrawn",
                            "organization.created",
                            "organization.edited",
                            "member.added",
                            "member.edited",
                            "api_key.created",
                            "api_key.revoked",
                            "webhook.created",
                            "webhook.edited",
                            "log.key_added",
                        ],
                    )
                ),
                name="change_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "types__contained_by",
                        [
                            "publisher.created",
                            "publisher.edited",
                            "article.created",
                            "article.edited",
                            "snapshot.captured",
                            "speaker.created",
                            "speaker.edited",
                            "claim.created",
                            "claim.edited",
                            "appearance.added",
                            "appearance.reanchored",
                            "verdict.issued",
                            "verdict.withdrawn",
                            "relation.decided",
                            "relation.withdrawn",
                            "organization.created",
                            "organization.edited",
                            "member.added",
                            "member.edited",
                            "api_key.created",
                            "api_key.revoked",
                            "webhook.created",
                            "webhook.edited",
                            "log.key_added",
                        ],
                    )
                ),
                name="webhook_types_known",
            ),
        ),
        migrations.AddIndex(
            model_name="extent",
            index=models.Index(fields=["matter", "scale", "status", "low"], name="extent_low"),
        ),
        migrations.AddIndex(
            model_name="extent",
            index=models.Index(
                condition=models.Q(("scale__isnull", False)),
                fields=["matter", "scale", "status", "high"],
                name="extent_high",
            ),
        ),
        migrations.AddConstraint(
            model_name="extent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("low__isnull", True),
                    ("high__isnull", True),
                    ("low__lt", models.F("high")),
                    _connector="OR",
                ),
                name="extent_ends_after_its_beginning",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("place__isnull", False)),
                fields=["place", "id"],
                name="matter_place",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["root"], name="matter_root"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["subject"], name="matter_subject"),
        ),
        migrations.AddField(
            model_name="relation",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="decided_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="claims.organization",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations_to",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="supersedes",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="superseded_by",
                to="claims.relation",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "relation__in",
                        [
                            "same",
                            "not_the_same",
                            "contradicts",
                            "narrows",
                            "updates",
                            "translation_of",
                            "withdrawn",
                        ],
                    )
                ),
                name="relation_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("claim", models.F("other")), _negated=True),
                name="relation_of_two_claims",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score__isnull", True),
                    models.Q(("score__gte", 0), ("score__lte", 1)),
                    _connector="OR",
                ),
                name="relation_score_between_0_and_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                django.db.models.functions.comparison.Least("claim", "other"),
                django.db.models.functions.comparison.Greatest("claim", "other"),
                condition=models.Q(("supersedes__isnull", True)),
                name="relation_chain_has_one_root",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                models.F("supersedes"), name="relation_superseded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("relation", "withdrawn"), _negated=True),
                    ("supersedes__isnull", False),
                    _connector="OR",
                ),
                name="relation_withdrawal_supersedes_something",
            ),
        ),
        migrations.RunPython(group_facts, migrations.RunPython.noop),
        install("conflicts_v1"),
    ]
