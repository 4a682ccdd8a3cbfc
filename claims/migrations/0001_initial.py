import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import claims.models.base
from claims.sql import install


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        install("uuid7_v1"),
        migrations.CreateModel(
            name="Assertion",
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
            ],
        ),
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("caller", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("minute", models.BigIntegerField(help_text="Minutes since 1970.")),
                ("reads", models.BigIntegerField()),
                ("writes", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="User",
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
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
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
                    "kind",
                    models.CharField(
                        choices=[("statement", "Statement"), ("fact", "Fact")], max_length=9
                    ),
                ),
                ("text", models.TextField()),
                ("language", models.CharField(db_collation="C", max_length=35)),
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
                        db_default="unverified",
                        max_length=12,
                    ),
                ),
                ("stated_on", models.CharField(blank=True, max_length=64, null=True)),
                (
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "speech",
                    models.CharField(
                        blank=True,
                        choices=[("direct", "Direct"), ("indirect", "Indirect")],
                        max_length=8,
                        null=True,
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=300, null=True)),
                ("property", models.CharField(blank=True, max_length=300, null=True)),
                ("value", models.CharField(blank=True, max_length=1000, null=True)),
                (
                    "value_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("date", "Date"),
                            ("quantity", "Quantity"),
                            ("entity", "Entity"),
                            ("text", "Text"),
                        ],
                        max_length=8,
                        null=True,
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=80, null=True)),
                ("approximate", models.BooleanField(blank=True, null=True)),
                ("lower", models.CharField(blank=True, max_length=64, null=True)),
                ("upper", models.CharField(blank=True, max_length=64, null=True)),
                (
                    "asserts",
                    models.ManyToManyField(
                        related_name="asserted_by",
                        through="claims.Assertion",
                        through_fields=("statement", "fact"),
                        to="claims.claim",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="assertion",
            name="fact",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="assertion",
            name="statement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assertions",
                to="claims.claim",
            ),
        ),
        migrations.CreateModel(
            name="Content",
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
                ("text", models.TextField(null=True)),
                ("salt", models.BinaryField(max_length=16, null=True)),
                ("sha256", models.BinaryField(max_length=32)),
                ("length", models.PositiveIntegerField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at__isnull", True), ("text__isnull", False)),
                            models.Q(
                                ("erased_at__isnull", False),
                                ("salt__isnull", True),
                                ("text__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="content_has_text_unless_erased",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
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
                ("name", models.CharField(max_length=300)),
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
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who signs in as this member; none for people who use API keys alone.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
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
                ("key", models.CharField(max_length=255)),
                (
                    "request_digest",
                    models.BinaryField(
                        help_text="SHA-256 of method, path and body.", max_length=32
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                ("headers", models.JSONField()),
                ("body", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="claim",
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
        migrations.CreateModel(
            name="Article",
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
                ("headline", models.CharField(blank=True, max_length=1000, null=True)),
                ("language", models.CharField(max_length=35)),
                ("url", models.URLField(blank=True, max_length=2000, null=True)),
                ("date_published", models.CharField(blank=True, max_length=64, null=True)),
                ("published_from", models.DateField(editable=False, null=True)),
                ("published_to", models.DateField(editable=False, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiKey",
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
                ("label", models.CharField(max_length=80)),
                ("hint", models.CharField(help_text="How the secret begins.", max_length=16)),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("read", "Read"), ("write", "Write")], max_length=5
                        ),
                        size=None,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_keys",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Organization",
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
                ("name", models.CharField(max_length=300)),
                ("url", models.URLField(blank=True, max_length=2000, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="member",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="claims.organization",
            ),
        ),
        migrations.CreateModel(
            name="DossierEntry",
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
                ("namespace", models.CharField(max_length=300)),
                ("kind", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=300)),
                ("subject_id", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "imported_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Change",
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
                    "type",
                    models.CharField(
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
                            ("organization.created", "Organization Created"),
                            ("organization.edited", "Organization Edited"),
                            ("member.added", "Member Added"),
                            ("member.edited", "Member Edited"),
                            ("api_key.created", "Api Key Created"),
                            ("api_key.revoked", "Api Key Revoked"),
                        ],
                        max_length=32,
                    ),
                ),
                (
                    "subject_id",
                    models.UUIDField(
                        help_text="The row it happened to; `type` says of which table."
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="claims.claim",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.content",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.content",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Publisher",
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
                ("name", models.CharField(max_length=300)),
                (
                    "names",
                    models.JSONField(blank=True, default=dict, help_text="Name by language tag."),
                ),
                ("url", models.URLField(blank=True, max_length=2000, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "claim_id",
                        "article_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "claim_created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("published_from", models.DateField(null=True)),
                ("published_to", models.DateField(null=True)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="claims.article",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="claims.claim",
                    ),
                ),
                (
                    "publisher",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.publisher",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="article",
            name="publisher",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="articles",
                to="claims.publisher",
            ),
        ),
        migrations.CreateModel(
            name="Snapshot",
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
                ("sha256", models.BinaryField(max_length=32)),
                ("length", models.PositiveIntegerField()),
                (
                    "captured_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="claims.article",
                    ),
                ),
                (
                    "captured_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.content",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Appearance",
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
                ("position", models.PositiveSmallIntegerField()),
                ("exact", models.TextField(null=True)),
                ("prefix", models.CharField(max_length=300, null=True)),
                ("suffix", models.CharField(max_length=300, null=True)),
                ("start", models.PositiveIntegerField(null=True)),
                ("end", models.PositiveIntegerField(null=True)),
                (
                    "checked",
                    models.BooleanField(help_text="The passage was found in the stored text."),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appearances",
                        to="claims.article",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appearances",
                        to="claims.claim",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appearances",
                        to="claims.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Anchor",
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
                    "position",
                    models.PositiveIntegerField(help_text="Counts an appearance's anchors from 0."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("exact", "Exact"),
                            ("moved", "Moved"),
                            ("lost", "Lost"),
                            ("unchecked", "Unchecked"),
                        ],
                        max_length=9,
                    ),
                ),
                ("start", models.PositiveIntegerField(null=True)),
                ("end", models.PositiveIntegerField(null=True)),
                (
                    "appearance",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="claims.appearance",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="claims.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Speaker",
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
                    "type",
                    models.CharField(
                        choices=[("person", "Person"), ("organization", "Organization")],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=300)),
                ("names", models.JSONField(blank=True, default=dict)),
                (
                    "other_names",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "same_as",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2000),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("roles", models.JSONField(blank=True, default=list)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Relay",
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
                    "appearance",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relays",
                        to="claims.appearance",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.speaker",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="claim",
            name="speaker",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="claims.speaker",
            ),
        ),
        migrations.CreateModel(
            name="Verdict",
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
                ("label", models.CharField(max_length=80, null=True)),
                ("url", models.URLField(max_length=2000, null=True)),
                ("title", models.CharField(max_length=1000, null=True)),
                ("language", models.CharField(max_length=35, null=True)),
                ("date_published", models.CharField(max_length=64, null=True)),
                (
                    "issued_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "claim_created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        help_text="The claim's, by trigger: lists of an organization are ordered by it.",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="claims.claim",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="claims.organization",
                    ),
                ),
                (
                    "rationale",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.content",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="claims.verdict",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Evidence",
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
                ("url", models.URLField(max_length=2000)),
                (
                    "stance",
                    models.CharField(
                        choices=[
                            ("supports", "Supports"),
                            ("refutes", "Refutes"),
                            ("context", "Context"),
                        ],
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=1000, null=True)),
                ("archive_url", models.URLField(max_length=2000, null=True)),
                ("derived_from", models.PositiveSmallIntegerField(null=True)),
                (
                    "quote",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.content",
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="claims.verdict",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="assertion",
            constraint=models.UniqueConstraint(
                models.F("statement"), models.F("fact"), name="assertion_once"
            ),
        ),
        migrations.AddIndex(
            model_name="idempotencykey",
            index=models.Index(fields=["created_at"], name="idempotency_created"),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(
                models.F("member"), models.F("key"), name="idempotency_key_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.UniqueConstraint(models.F("digest"), name="api_key_digest_unique"),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("label__regex", "\\S")), name="api_key_has_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scopes__len__gt", 0), ("scopes__contained_by", ["read", "write"])
                ),
                name="api_key_scopes_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="organization_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.UniqueConstraint(models.F("name"), name="organization_name_unique"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="member_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["reader", "checker", "editor", "admin"])),
                name="member_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                models.F("organization"), models.F("user"), name="member_once_per_organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierentry",
            constraint=models.UniqueConstraint(
                models.F("namespace"),
                models.F("kind"),
                models.F("key"),
                models.F("organization"),
                name="dossier_entry_unique",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                models.F("claim"),
                models.F("recorded_at"),
                models.F("id"),
                condition=models.Q(("claim__isnull", False)),
                name="change_of_claim",
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
                            "organization.created",
                            "organization.edited",
                            "member.added",
                            "member.edited",
                            "api_key.created",
                            "api_key.revoked",
                        ],
                    )
                ),
                name="change_type_known",
            ),
        ),
        migrations.AddIndex(
            model_name="publisher",
            index=models.Index(fields=["created_at", "id"], name="publisher_created"),
        ),
        migrations.AddConstraint(
            model_name="publisher",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="publisher_has_name"
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(
                fields=["publisher", "claim_created_at", "claim"],
                name="placement_publisher_created",
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(
                fields=["claim_created_at", "claim", "article", "published_from", "published_to"],
                name="placement_created",
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["published_from"], name="placement_published_from"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["created_at", "id"], name="article_created"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                fields=["publisher", "created_at", "id"], name="article_publisher_created"
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["published_from"], name="article_published_from"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.MD5("url"), name="article_url_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("headline__isnull", True), ("headline__regex", "\\S"), _connector="OR"
                ),
                name="article_headline_not_blank",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("headline__isnull", False), ("url__isnull", False), _connector="OR"
                ),
                name="article_has_headline_or_url",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_from__isnull", True),
                    ("published_to__isnull", True),
                    ("published_from__lte", models.F("published_to")),
                    _connector="OR",
                ),
                name="article_published_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                models.F("article"), models.F("sha256"), name="snapshot_once_per_article"
            ),
        ),
        migrations.AddConstraint(
            model_name="appearance",
            constraint=models.UniqueConstraint(
                models.F("claim"), models.F("position"), name="appearance_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="appearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("checked", False),
                        ("exact__isnull", True),
                        ("prefix__isnull", True),
                        ("snapshot__isnull", True),
                        ("start__isnull", True),
                        ("suffix__isnull", True),
                    ),
                    models.Q(("exact__isnull", False), ("snapshot__isnull", False)),
                    _connector="OR",
                ),
                name="appearance_passage_needs_snapshot",
            ),
        ),
        migrations.AddConstraint(
            model_name="appearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("exact__isnull", True), ("exact__regex", "\\S"), _connector="OR"
                ),
                name="appearance_passage_not_blank",
            ),
        ),
        migrations.AddConstraint(
            model_name="appearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked", False), ("end__isnull", True), ("start__isnull", True)),
                    models.Q(
                        ("end__gt", models.F("start")),
                        ("end__isnull", False),
                        ("start__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="appearance_offsets_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.UniqueConstraint(
                models.F("appearance"), models.F("position"), name="anchor_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.UniqueConstraint(
                models.F("appearance"), models.F("snapshot"), name="anchor_once_per_snapshot"
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["exact", "moved", "lost", "unchecked"])),
                name="anchor_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("end__gt", models.F("start")),
                        ("end__isnull", False),
                        ("start__isnull", False),
                        ("state__in", ["exact", "moved"]),
                    ),
                    models.Q(
                        models.Q(("state__in", ["exact", "moved"]), _negated=True),
                        ("end__isnull", True),
                        ("start__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="anchor_found_has_offsets",
            ),
        ),
        migrations.AddIndex(
            model_name="speaker",
            index=models.Index(fields=["created_at", "id"], name="speaker_created"),
        ),
        migrations.AddConstraint(
            model_name="speaker",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="speaker_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="speaker",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["person", "organization"])),
                name="speaker_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="relay",
            constraint=models.UniqueConstraint(
                models.F("appearance"), models.F("position"), name="relay_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="relay",
            constraint=models.UniqueConstraint(
                models.F("appearance"), models.F("speaker"), name="relay_speaker_once"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["created_at", "id"], name="claim_created"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["changed_at", "id"], name="claim_changed"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["status", "created_at", "id"], name="claim_status_created"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["speaker", "created_at", "id"], name="claim_speaker_created"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["language", "created_at", "id"], name="claim_language_created"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["kind", "created_at", "id"], name="claim_kind_created"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("status", "unverified"), _negated=True),
                fields=["created_at", "id"],
                name="claim_judged_created",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("subject__isnull", False)),
                fields=["subject", "property", "created_at", "id"],
                name="claim_subject_created",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("property__isnull", False)),
                fields=["property", "created_at", "id"],
                name="claim_property_created",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["statement", "fact"])), name="claim_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("text__regex", "\\S")), name="claim_has_text"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["unverified", "verified", "disputed", "inconclusive", "contested"],
                    )
                ),
                name="claim_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "statement"), _negated=True),
                    ("speaker__isnull", False),
                    _connector="OR",
                ),
                name="statement_has_speaker",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "statement"),
                        ("speech__in", ["direct", "indirect"]),
                        ("speech__isnull", False),
                    ),
                    models.Q(("kind", "fact"), ("speech__isnull", True)),
                    _connector="OR",
                ),
                name="statement_alone_has_speech",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "fact"), _negated=True),
                    models.Q(("subject__isnull", False), ("subject__regex", "\\S")),
                    _connector="OR",
                ),
                name="fact_has_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "fact"), _negated=True),
                    models.Q(("property__isnull", False), ("property__regex", "\\S")),
                    _connector="OR",
                ),
                name="fact_has_property",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "fact"), _negated=True),
                    models.Q(("value__isnull", False), ("value__regex", "\\S")),
                    models.Q(
                        ("value__isnull", True),
                        ("value_type", "quantity"),
                        ("lower__isnull", False),
                        ("lower__regex", "\\S"),
                    ),
                    models.Q(
                        ("value__isnull", True),
                        ("value_type", "quantity"),
                        ("upper__isnull", False),
                        ("upper__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="fact_has_value",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "fact"), _negated=True),
                    models.Q(
                        ("value_type__in", ["date", "quantity", "entity", "text"]),
                        ("value_type__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="fact_value_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("value_type", "quantity"), ("value_type__isnull", False)),
                    models.Q(
                        ("unit__isnull", True),
                        ("approximate__isnull", True),
                        ("lower__isnull", True),
                        ("upper__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="quantity_alone_has_unit_and_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "fact"),
                    models.Q(
                        ("subject__isnull", True),
                        ("property__isnull", True),
                        ("value__isnull", True),
                        ("value_type__isnull", True),
                        ("unit__isnull", True),
                        ("approximate__isnull", True),
                        ("lower__isnull", True),
                        ("upper__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="fact_alone_has_value",
            ),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(
                fields=["organization", "claim_created_at", "claim"],
                name="verdict_organization_created",
            ),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(
                fields=["outcome", "claim_created_at", "claim"], name="verdict_outcome_created"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["verified", "disputed", "inconclusive", "withdrawn"])
                ),
                name="verdict_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("claim"),
                condition=models.Q(("supersedes__isnull", True)),
                name="verdict_chain_has_one_root",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                models.F("supersedes"), name="verdict_superseded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "withdrawn"), _negated=True),
                    ("supersedes__isnull", False),
                    _connector="OR",
                ),
                name="withdrawal_supersedes_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                models.F("verdict"), models.F("position"), name="evidence_position_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("url__regex", "\\S")), name="evidence_has_url"
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("stance__in", ["supports", "refutes", "context"])),
                name="evidence_stance_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("derived_from__isnull", True),
                    ("derived_from__lt", models.F("position")),
                    _connector="OR",
                ),
                name="evidence_derived_from_earlier",
            ),
        ),
    ]
