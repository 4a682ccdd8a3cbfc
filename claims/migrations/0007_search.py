import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from claims.sql import install


class Migration(migrations.Migration):
    """What search finds (docs/adr/0025).

    The words of what is there already are gathered in transactions of their own, some three to six
    minutes for a million claims, while the old code goes on serving: hence not atomic.
    """

    atomic = False
    dependencies = [("claims", "0006_listings")]
    operations = [
        install("same_v1"),
        install("words_v1"),
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.CreateModel(
            name="Naming",
            fields=[
                (
                    "speaker",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="claims.speaker",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.CreateModel(
            name="Stretch",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("begins_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex("stretch", models.Index(fields=["begins_at"], name="stretch_begins")),
        install("search_v1"),
        migrations.RunSQL("CALL claims_word_all_v1()", migrations.RunSQL.noop),
        migrations.AddIndex(
            "wording",
            django.contrib.postgres.indexes.GinIndex(
                fastupdate=True, fields=["words"], gin_pending_list_limit=128, name="wording_words"
            ),
        ),
        migrations.AddIndex(
            "naming",
            django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["words"], name="naming_words"
            ),
        ),
    ]
