import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import claims.models.base
from claims.sql import install


class Migration(migrations.Migration):
    """People: sessions, invitations, one-time codes, and members whose data was forced out.

    docs/adr/0043. Where two accounts differ by the case of their usernames alone, or have one
    e-mail address, it stops, and names the constraint: rename one of them in the admin site.
    """

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("claims", "0015_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
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
                    "role",
                    models.CharField(
                        choices=[
                            ("reader", "Reader"),
                            ("checker", "Checker"),
                            ("editor", "Editor"),
                            ("admin", "Admin"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=300, null=True)),
                ("email", models.EmailField(max_length=254, null=True)),
                ("digest", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="second_factor",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("secret", models.BinaryField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(db_default=0)),
                (
                    "recovery",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SignInTry",
            fields=[
                ("bucket", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                (
                    "began_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="change",
            name="change_type_known",
        ),
        migrations.RemoveConstraint(
            model_name="member",
            name="member_has_name",
        ),
        migrations.RemoveConstraint(
            model_name="webhook",
            name="webhook_types_known",
        ),
        migrations.AddField(
            model_name="member",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
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
        migrations.AlterField(
            model_name="member",
            name="name",
            field=models.CharField(max_length=300, null=True),
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
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("erased_at__isnull", True), ("name__isnull", False), ("name__regex", "\\S")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("erased_at__isnull", False),
                        ("name__isnull", True),
                        ("user__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="member_has_name_until_erased",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"), name="user_name_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="user_email_unique",
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
            model_name="invitation",
            name="accepted_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
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
            model_name="invitation",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="claims.organization",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="member",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(models.F("digest"), name="invitation_digest_unique"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["reader", "checker", "editor", "admin"])),
                name="invitation_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("accepted_by__isnull", False),
                        ("revoked_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="invitation_is_accepted_by_somebody_or_revoked",
            ),
        ),
        install("people_v1"),
    ]
