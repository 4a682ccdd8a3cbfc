import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import claims.models.base
from claims.sql import install


class Migration(migrations.Migration):
    """Drafts of verdicts, and who has to confirm them (docs/moves.md).

    What a constraint of verdicts, changes and webhooks holds is new: all are read once, which
    takes some seconds for a million.
    """

    dependencies = [
        ("claims", "0011_pages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("returned", "Returned"),
                            ("confirmed", "Confirmed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
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
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DraftStep",
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
                    "type",
                    models.CharField(
                        choices=[
                            ("edited", "Edited"),
                            ("returned", "Returned"),
                            ("confirmed", "Confirmed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "taken_at",
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
        migrations.AddField(
            model_name="organization",
            name="review_policy",
            field=models.CharField(
                choices=[
                    ("none", "None"),
                    ("second_member", "Second Member"),
                    ("editor", "Editor"),
                ],
                db_default="none",
                default="none",
                max_length=13,
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="confirmed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
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
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_policy__in", ["none", "second_member", "editor"])),
                name="organization_review_policy_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("issued_by")), _negated=True),
                    _connector="OR",
                ),
                name="verdict_confirmed_by_another",
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
            model_name="draft",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="draft",
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
            model_name="draft",
            name="finding",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.content",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="drafts",
                to="claims.organization",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="verdict",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="draft",
                to="claims.verdict",
            ),
        ),
        migrations.AddField(
            model_name="draftstep",
            name="draft",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="claims.draft",
            ),
        ),
        migrations.AddField(
            model_name="draftstep",
            name="reasons",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.content",
            ),
        ),
        migrations.AddField(
            model_name="draftstep",
            name="taken_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["organization", "created_at", "id"], name="draft_created"),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                fields=["organization", "state", "created_at", "id"], name="draft_state_created"
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "returned", "confirmed", "withdrawn"])),
                name="draft_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["verified", "disputed", "inconclusive", "withdrawn"])
                ),
                name="draft_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), ("verdict__isnull", False)),
                    models.Q(
                        models.Q(("state", "confirmed"), _negated=True), ("verdict__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="draft_is_confirmed_by_its_verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("created_by__isnull", False)), name="draft_has_author"
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "returned"])),
                fields=("organization", "claim"),
                name="draft_alive_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="draftstep",
            constraint=models.UniqueConstraint(
                models.F("draft"), models.F("position"), name="draft_step_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="draftstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["edited", "returned", "confirmed", "withdrawn"])),
                name="draft_step_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="draftstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("type", "returned"), _negated=True),
                    ("reasons__isnull", False),
                    _connector="OR",
                ),
                name="draft_returned_with_reasons",
            ),
        ),
        install("drafts_v1"),
    ]
