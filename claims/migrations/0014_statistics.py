import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Claims as columns, by which statistics are reckoned (docs/adr/0041).

    Of claims that are there the sequencer makes them, or `manage.py count_claims`, which
    `prepare_database` runs.
    """

    dependencies = [("claims", "0013_scales")]

    operations = [
        migrations.CreateModel(
            name="Counted",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("ahead", models.BigIntegerField()),
                (
                    "counted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("edition", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="counted_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Numeral",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("number", models.IntegerField()),
                ("name", models.CharField(db_collation="C", max_length=36)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("kind"), models.F("name"), name="numeral_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("number", models.AutoField(primary_key=True, serialize=False)),
                ("first_at", models.DateTimeField()),
                ("first_id", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("first_at"), models.F("first_id"), name="segment_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Column",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "name",
                        "segment_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=16)),
                ("data", models.BinaryField()),
                ("edition", models.UUIDField()),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="columns",
                        to="claims.segment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        # Packed already, and read more often than written.
        migrations.RunSQL(
            "ALTER TABLE claims_column ALTER COLUMN data SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
