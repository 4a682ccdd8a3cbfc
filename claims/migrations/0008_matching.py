import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from claims.sql import install


class Migration(migrations.Migration):
    """What claims are found by when somebody asks whether a text was checked (docs/adr/0029).

    Claims that are there are indexed by `manage.py index_claims`, which `prepare_database` runs.
    """

    dependencies = [("claims", "0007_search")]
    operations = [
        migrations.CreateModel(
            name="Frequency",
            fields=[
                ("term", models.IntegerField(primary_key=True, serialize=False)),
                ("claims", models.IntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Uncounted",
            fields=[
                ("position", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "terms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "term",
                        "claim_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("term", models.IntegerField()),
                (
                    "claim",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                ("impact", models.SmallIntegerField()),
            ],
            options={"abstract": False},
        ),
        install("matching_v1"),
        # The index holds the impact too, and pages are soon known to be visible to all: what is
        # asked is then read off the index alone. Frequencies are updated in place (HOT).
        migrations.RunSQL(
            "ALTER TABLE claims_posting DROP CONSTRAINT claims_posting_pkey,"
            " ADD CONSTRAINT claims_posting_pkey PRIMARY KEY (term, claim_id) INCLUDE (impact);"
            "ALTER TABLE claims_posting SET (autovacuum_vacuum_insert_scale_factor = 0.02);"
            "ALTER TABLE claims_frequency SET (fillfactor = 70)",
            migrations.RunSQL.noop,
        ),
    ]
