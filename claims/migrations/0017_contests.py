import django.contrib.postgres.fields
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
    """Contests of verdicts from outside, corrections, and the place of both in queues.

    docs/adr/0044. The rows of the queue are written anew; corrections are found among verdicts.
    """

    dependencies = [
        ("claims", "0016_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contest",
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
                ("version", models.PositiveBigIntegerField(db_default=1, editable=False)),
                (
                    "party",
                    models.CharField(
                        choices=[("reader", "Reader"), ("speaker", "Speaker")], max_length=7
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_said", "Not Said"),
                            ("wrong_speaker", "Wrong Speaker"),
                            ("misread", "Misread"),
                            ("factual_error", "Factual Error"),
                            ("weak_evidence", "Weak Evidence"),
                            ("new_evidence", "New Evidence"),
                            ("outdated", "Outdated"),
                            ("rating", "Rating"),
                            ("other", "Other"),
                        ],
                        max_length=13,
                    ),
                ),
                ("language", models.CharField(max_length=35, null=True)),
                (
                    "filed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("upheld", "Upheld"),
                            ("corrected", "Corrected"),
                            ("rejected", "Rejected"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("resolved_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "verdict",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="correction",
                        serialize=False,
                        to="claims.verdict",
                    ),
                ),
                ("corrected_at", models.DateTimeField()),
                ("contested", models.BooleanField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="change",
            name="change_type_known",
        ),
        migrations.RemoveConstraint(
            model_name="queuemove",
            name="queue_move_known",
        ),
        migrations.RemoveConstraint(
            model_name="webhook",
            name="webhook_types_known",
        ),
        migrations.AddField(
            model_name="queueitem",
            name="contests",
            field=models.PositiveIntegerField(db_default=0),
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
                    ("contest.filed", "Contest Filed"),
                    ("contest.resolved", "Contest Resolved"),
                    ("organization.created", "Organization Created"),
                    ("organization.edited", "Organization Edited"),
                    ("organization.scale_changed", "Organization Scale Changed"),
                    ("member.added", "Member Added"),
                    ("member.edited", "Member Edited"),
                    ("member.erased", "Member Erased"),
                    ("invitation.created", "Invitation Created"),
                    ("invitation.revoked", "Invitation Revoked"),
                    ("invitation.accepted", "Invitation Accepted"),
                    ("api_key.created", "Api Key Created"),
                    ("api_key.revoked", "Api Key Revoked"),
                    ("webhook.created", "Webhook Created"),
                    ("webhook.edited", "Webhook Edited"),
                    ("log.key_added", "Log Key Added"),
                ],
                max_length=32,
            ),
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
        migrations.AlterField(
            model_name="queuemove",
            name="type",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("requested", "Requested"),
                    ("contested", "Contested"),
                    ("answered", "Answered"),
                    ("assigned", "Assigned"),
                    ("released", "Released"),
                    ("edited", "Edited"),
                    ("done", "Done"),
                    ("dropped", "Dropped"),
                ],
                max_length=9,
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
                        ("contest.filed", "Contest Filed"),
                        ("contest.resolved", "Contest Resolved"),
                        ("organization.created", "Organization Created"),
                        ("organization.edited", "Organization Edited"),
                        ("organization.scale_changed", "Organization Scale Changed"),
                        ("member.added", "Member Added"),
                        ("member.edited", "Member Edited"),
                        ("member.erased", "Member Erased"),
                        ("invitation.created", "Invitation Created"),
                        ("invitation.revoked", "Invitation Revoked"),
                        ("invitation.accepted", "Invitation Accepted"),
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
                            "contest.filed",
                            "contest.resolved",
                            "organization.created",
                            "organization.edited",
                            "organization.scale_changed",
                            "member.added",
                            "member.edited",
                            "member.erased",
                            "invitation.created",
                            "invitation.revoked",
                            "invitation.accepted",
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
            model_name="queuemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "queued",
                            "requested",
                            "contested",
                            "answered",
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
                            "contest.filed",
                            "contest.resolved",
                            "organization.created",
                            "organization.edited",
                            "organization.scale_changed",
                            "member.added",
                            "member.edited",
                            "member.erased",
                            "invitation.created",
                            "invitation.revoked",
                            "invitation.accepted",
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
            model_name="contest",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="contact",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.content",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="correction",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="claims.verdict",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.organization",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="answer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.content",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="resolved_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="statement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.content",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="verdict",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.verdict",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="contest",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["claim", "organization"],
                name="contest_open",
            ),
        ),
        migrations.AddIndex(
            model_name="contest",
            index=models.Index(fields=["claim", "filed_at", "id"], name="contest_of_claim"),
        ),
        migrations.AddIndex(
            model_name="contest",
            index=models.Index(fields=["organization", "filed_at", "id"], name="contest_filed"),
        ),
        migrations.AddIndex(
            model_name="contest",
            index=models.Index(
                fields=["organization", "state", "filed_at", "id"], name="contest_state_filed"
            ),
        ),
        migrations.AddIndex(
            model_name="contest",
            index=models.Index(
                condition=models.Q(("correction__isnull", False)),
                fields=["correction"],
                name="contest_corrected",
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(("party__in", ["reader", "speaker"])), name="contest_party_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "not_said",
                            "wrong_speaker",
                            "misread",
                            "factual_error",
                            "weak_evidence",
                            "new_evidence",
                            "outdated",
                            "rating",
                            "other",
                        ],
                    )
                ),
                name="contest_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "upheld", "corrected", "rejected"])),
                name="contest_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer__isnull", True),
                        ("resolved_at__isnull", True),
                        ("resolved_by__isnull", True),
                        ("state", "open"),
                    ),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("resolved_at__isnull", False),
                        ("resolved_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="contest_is_resolved_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("correction__isnull", False), ("state", "corrected")),
                    models.Q(
                        models.Q(("state", "corrected"), _negated=True),
                        ("correction__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="contest_is_corrected_by_a_verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["upheld", "rejected"]), _negated=True),
                    ("answer__isnull", False),
                    _connector="OR",
                ),
                name="contest_is_decided_with_an_answer",
            ),
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(fields=["corrected_at", "verdict"], name="correction_by_time"),
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(
                fields=["organization", "corrected_at", "verdict"],
                name="correction_of_organization",
            ),
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(
                fields=["claim", "corrected_at", "verdict"], name="correction_of_claim"
            ),
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(
                condition=models.Q(("contested", True)),
                fields=["corrected_at", "verdict"],
                name="correction_contested",
            ),
        ),
        install("contests_v1"),
    ]
