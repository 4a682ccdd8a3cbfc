import django.contrib.postgres.indexes
from django.db import migrations, models

import claims.models.base
from claims.sql import install


class Migration(migrations.Migration):
    """Organizations that do not work here, and what is needed to import what they found.

    docs/adr/0032. What a constraint of claims holds becomes less: all are read once, which takes
    some seconds for a million.
    """

    dependencies = [
        ("claims", "0009_conflicts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedClaim",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="organization",
            name="external_site",
            field=models.CharField(blank=True, editable=False, max_length=253, null=True),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("external_site__isnull", True),
                    ("external_site__regex", r"^[^\sA-Z/@:]+\.[^\sA-Z/@:]+$"),
                    _connector="OR",
                ),
                name="organization_external_site_is_a_host",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.UniqueConstraint(
                models.F("external_site"), name="organization_external_site_unique"
            ),
        ),
        migrations.RemoveConstraint(model_name="claim", name="statement_has_speaker"),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "statement"), _negated=True),
                    ("speaker__isnull", False),
                    ("speech", "indirect"),
                    _connector="OR",
                ),
                name="quotation_has_speaker",
            ),
        ),
        migrations.AddIndex(
            model_name="publisher",
            index=models.Index(claims.models.base.SameAs("name"), name="publisher_same_name"),
        ),
        migrations.AddIndex(
            model_name="speaker",
            index=models.Index(claims.models.base.SameAs("name"), name="speaker_same_name"),
        ),
        migrations.AddIndex(
            model_name="speaker",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["same_as"], name="speaker_same_as"
            ),
        ),
        install("external_v1"),
    ]
