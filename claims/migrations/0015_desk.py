import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import claims.models.base
import claims.models.queue
from claims.sql import install


class Migration(migrations.Migration):
    """What waits to be judged by an organization, and its notes (docs/adr/0042). All new."""

    dependencies = [
        ("claims", "0014_statistics"),
    ]

    operations = [
        migrations.CreateModel(
            name="Note",
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.content",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoteMention",
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
                ("position", models.PositiveSmallIntegerField()),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentions",
                        to="claims.note",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="QueueItem",
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("version", models.PositiveBigIntegerField(db_default=1, editable=False)),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("low", "Low"),
                            ("normal", "Normal"),
                            ("high", "High"),
                            ("urgent", "Urgent"),
                        ],
                        default="normal",
                        max_length=6,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("reach", models.PositiveIntegerField()),
                ("requests", models.PositiveIntegerField(db_default=1)),
                (
                    "rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        claims.models.queue.Seconds("created_at"),
                                        "-",
                                        django.db.models.functions.comparison.Coalesce(
                                            django.db.models.functions.comparison.Greatest(
                                                0,
                                                django.db.models.expressions.CombinedExpression(
                                                    claims.models.queue.Seconds("created_at"),
                                                    "-",
                                                    django.db.models.expressions.CombinedExpression(
                                                        claims.models.queue.Seconds("due_at"),
                                                        "-",
                                                        models.Value(2592000),
                                                    ),
                                                ),
                                            ),
                                            0,
                                            output_field=models.BigIntegerField(),
                                        ),
                                    ),
                                    "-",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.functions.comparison.Least(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.functions.comparison.Greatest(
                                                    0,
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.F("reach"), "-", models.Value(1)
                                                    ),
                                                ),
                                                "*",
                                                models.Value(1),
                                            ),
                                            30,
                                            output_field=models.BigIntegerField(),
                                        ),
                                        "*",
                                        models.Value(86400),
                                    ),
                                ),
                                "-",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.functions.comparison.Least(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.functions.comparison.Greatest(
                                                0,
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("requests"), "-", models.Value(1)
                                                ),
                                            ),
                                            "*",
                                            models.Value(7),
                                        ),
                                        28,
                                        output_field=models.BigIntegerField(),
                                    ),
                                    "*",
                                    models.Value(86400),
                                ),
                            ),
                            "-",
                            models.Case(
                                models.When(priority="low", then=-2592000),
                                models.When(priority="high", then=2592000),
                                models.When(priority="urgent", then=31536000),
                                default=0,
                                output_field=models.BigIntegerField(),
                            ),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                ("assigned_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "assigned_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue",
                        to="claims.organization",
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.verdict",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="QueueMove",
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
                    "type",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("requested", "Requested"),
                            ("assigned", "Assigned"),
                            ("released", "Released"),
                            ("edited", "Edited"),
                            ("done", "Done"),
                            ("dropped", "Dropped"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("low", "Low"),
                            ("normal", "Normal"),
                            ("high", "High"),
                            ("urgent", "Urgent"),
                        ],
                        max_length=6,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "moved_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="claims.queueitem",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                fields=["claim", "organization", "created_at", "id"], name="note_of_claim"
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                fields=["organization", "created_at", "id"], name="note_of_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="notemention",
            constraint=models.UniqueConstraint(
                models.F("note"), models.F("position"), name="note_mention_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="notemention",
            constraint=models.UniqueConstraint(
                models.F("member"), models.F("note"), name="note_mention_once"
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("assignee__isnull", True), ("closed_at__isnull", True)),
                fields=["organization", "rank", "id"],
                name="queue_item_next",
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("requests__gte", 1)),
                fields=["organization", "rank", "id"],
                name="queue_item_open",
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False), ("closed_at__isnull", True)),
                fields=["organization", "rank", "id"],
                name="queue_item_assigned",
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False), ("closed_at__isnull", True)),
                fields=["assignee", "rank", "id"],
                name="queue_item_of_assignee",
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("due_at__isnull", False)),
                fields=["organization", "due_at"],
                name="queue_item_due",
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                fields=["organization", "created_at", "id"], name="queue_item_by_age"
            ),
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["organization", "rank", "id"],
                name="queue_item_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                name="queue_item_priority_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("requests__gte", 1)), name="queue_item_asked_for_by_somebody"
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assigned_at__isnull", True), ("assignee__isnull", True)),
                    models.Q(("assigned_at__isnull", False), ("assignee__isnull", False)),
                    _connector="OR",
                ),
                name="queue_item_assigned_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict__isnull", True), ("closed_at__isnull", False), _connector="OR"
                ),
                name="queue_item_closed_by_its_verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueitem",
            constraint=models.UniqueConstraint(
                models.F("claim"),
                models.F("organization"),
                condition=models.Q(("closed_at__isnull", True)),
                name="queue_item_once_while_open",
            ),
        ),
        migrations.AddIndex(
            model_name="queuemove",
            index=models.Index(fields=["item", "moved_at", "id"], name="queue_move_of_item"),
        ),
        migrations.AddConstraint(
            model_name="queuemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "queued",
                            "requested",
                            "assigned",
                            "released",
                            "edited",
                            "done",
                            "dropped",
                        ],
                    )
                ),
                name="queue_move_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="queuemove",
            constraint=models.UniqueConstraint(
                models.F("item"),
                models.F("moved_by"),
                condition=models.Q(("type__in", ["queued", "requested"])),
                name="queue_move_asked_once",
            ),
        ),
        install("desk_v1"),
    ]
