import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import claims.models.base
from claims.sql import install


class Migration(migrations.Migration):
    """Rating scales, and verdicts that are to be looked at again (docs/adr/0040).

    What a constraint of verdicts and of Changes holds becomes more: all are read once, which takes
    some seconds for a million.
    """

    dependencies = [
        ("claims", "0012_drafts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Due",
            fields=[
                (
                    "verdict",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="due",
                        serialize=False,
                        to="claims.verdict",
                    ),
                ),
                ("due_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Rating",
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
                    "outcome",
                    models.CharField(
                        choices=[
                            ("verified", "Verified"),
                            ("disputed", "Disputed"),
                            ("inconclusive", "Inconclusive"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=12,
                    ),
                ),
                ("labels", models.JSONField()),
                ("worst", models.IntegerField(null=True)),
                ("best", models.IntegerField(null=True)),
                ("value", models.IntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RatingScale",
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
                ("version", models.PositiveIntegerField()),
                ("size", models.PositiveSmallIntegerField()),
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
        migrations.AddField(
            model_name="verdict",
            name="recheck_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="verdict",
            name="valid_until",
            field=models.DateField(null=True),
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
                    ("draft.created", "Draft Created"),
                    ("draft.edited", "Draft Edited"),
                    ("draft.returned", "Draft Returned"),
                    ("draft.confirmed", "Draft Confirmed"),
                    ("draft.withdrawn", "Draft Withdrawn"),
                    ("organization.created", "Organization Created"),
                    ("organization.edited", "Organization Edited"),
                    ("organization.scale_changed", "Organization Scale Changed"),
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
                        ("draft.created", "Draft Created"),
                        ("draft.edited", "Draft Edited"),
                        ("draft.returned", "Draft Returned"),
                        ("draft.confirmed", "Draft Confirmed"),
                        ("draft.withdrawn", "Draft Withdrawn"),
                        ("organization.created", "Organization Created"),
                        ("organization.edited", "Organization Edited"),
                        ("organization.scale_changed", "Organization Scale Changed"),
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
                            "draft.created",
                            "draft.edited",
                            "draft.returned",
                            "draft.confirmed",
                            "draft.withdrawn",
                            "organization.created",
                            "organization.edited",
                            "organization.scale_changed",
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
                            "draft.created",
                            "draft.edited",
                            "draft.returned",
                            "draft.confirmed",
                            "draft.withdrawn",
                            "organization.created",
                            "organization.edited",
                            "organization.scale_changed",
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
        migrations.AddField(
            model_name="due",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.organization",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="rating",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.rating",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "withdrawn"), _negated=True),
                    models.Q(("recheck_on__isnull", True), ("valid_until__isnull", True)),
                    _connector="OR",
                ),
                name="withdrawal_is_never_due",
            ),
        ),
        migrations.AddField(
            model_name="ratingscale",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddField(
            model_name="ratingscale",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scales",
                to="claims.organization",
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="scale",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ratings",
                to="claims.ratingscale",
            ),
        ),
        migrations.AddIndex(
            model_name="due",
            index=models.Index(
                fields=["organization", "due_on", "verdict"], name="due_of_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingscale",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="scale_version_from_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingscale",
            constraint=models.UniqueConstraint(
                models.F("organization"), models.F("version"), name="scale_version_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.UniqueConstraint(
                models.F("scale"), models.F("position"), name="rating_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["disputed", "inconclusive", "verified"])),
                name="rating_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("best__isnull", True), ("value__isnull", True), ("worst__isnull", True)
                    ),
                    models.Q(
                        ("best__isnull", False), ("value__isnull", False), ("worst__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="rating_numbers_all_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("value__gte", models.F("worst")),
                    ("value__lte", models.F("best")),
                    ("worst__lt", models.F("best")),
                ),
                name="rating_value_from_worst_to_best",
            ),
        ),
        install("scales_v1"),
    ]
