import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from claims.sql import install

ALL = models.Q(under=uuid.UUID(int=0))


class Migration(migrations.Migration):
    """What verdicts change of a claim goes where no index of its words is (docs/adr/0024).

    Writers wait while the rows that are there are listed: ten seconds for a million claims.
    """

    dependencies = [("claims", "0005_erased_index")]
    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "claim_id",
                        "under",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listings",
                        to="claims.claim",
                    ),
                ),
                ("under", models.UUIDField()),
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
                        max_length=12,
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "claim_created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        install("claim_listing_v1"),
        migrations.AddIndex(
            "listing",
            models.Index(fields=["under", "changed_at", "claim"], name="listing_changed"),
        ),
        migrations.AddIndex(
            "listing",
            models.Index(
                fields=["status", "claim_created_at", "claim"],
                name="listing_status_created",
                condition=ALL,
            ),
        ),
        migrations.AddIndex(
            "listing",
            models.Index(
                fields=["claim_created_at", "claim"],
                name="listing_judged_created",
                condition=ALL & ~models.Q(status="unverified"),
            ),
        ),
        migrations.AddIndex(
            "placement", models.Index(fields=["published_to"], name="placement_published_to")
        ),
        # So that it is known how few claims lie before or after a day.
        migrations.RunSQL(
            "ALTER TABLE claims_placement ALTER published_from SET STATISTICS 1000,"
            " ALTER published_to SET STATISTICS 1000",
            "ALTER TABLE claims_placement ALTER published_from SET STATISTICS -1,"
            " ALTER published_to SET STATISTICS -1",
        ),
        migrations.RemoveIndex("claim", "claim_changed"),
        migrations.RemoveIndex("claim", "claim_status_created"),
        migrations.RemoveIndex("claim", "claim_judged_created"),
    ]
