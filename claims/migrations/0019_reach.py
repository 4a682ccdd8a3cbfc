"""The reach of what waits is told from its appearances."""

import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models

import claims.models.queue
from claims.sql import install


class Migration(migrations.Migration):
    dependencies = [("claims", "0018_notices")]

    operations = [
        migrations.AddField(
            model_name="queueitem",
            name="appearances",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        # The places by another rule: PostgreSQL makes the column anew, and its indexes.
        migrations.RemoveIndex(model_name="queueitem", name="queue_item_next"),
        migrations.RemoveIndex(model_name="queueitem", name="queue_item_open"),
        migrations.RemoveIndex(model_name="queueitem", name="queue_item_assigned"),
        migrations.RemoveIndex(model_name="queueitem", name="queue_item_of_assignee"),
        migrations.RemoveIndex(model_name="queueitem", name="queue_item_closed"),
        migrations.RemoveField(model_name="queueitem", name="rank"),
        migrations.AddField(
            model_name="queueitem",
            name="rank",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.CombinedExpression(
                    django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(
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
                                                models.Value(3),
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
                                                    models.F("appearances"), "-", models.Value(1)
                                                ),
                                            ),
                                            "*",
                                            models.Value(1),
                                        ),
                                        10,
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
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.comparison.Least(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("contests"), "*", models.Value(30)
                                ),
                                90,
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
                condition=models.Q(("closed_at__isnull", False)),
                fields=["organization", "rank", "id"],
                name="queue_item_closed",
            ),
        ),
        install("reach_v1"),
    ]
