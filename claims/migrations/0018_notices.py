import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import claims.models.base


class Migration(migrations.Migration):
    """Notices by e-mail: what waits to be sent, and who wants what. docs/adr/0045."""

    dependencies = [
        ("claims", "0017_contests"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("assignment", "Assignment"),
                            ("mention", "Mention"),
                            ("return", "Return"),
                            ("overdue", "Overdue"),
                            ("digest", "Digest"),
                        ],
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("day", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("sent", "Sent"),
                            ("dropped", "Dropped"),
                            ("given_up", "Given Up"),
                        ],
                        db_default="pending",
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("mail", models.UUIDField(null=True)),
                ("tries", models.PositiveSmallIntegerField(db_default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("lease_token", models.UUIDField(null=True)),
                ("lease_ends_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("no_mail_server", "No Mail Server"),
                            ("no_address", "No Address"),
                            ("switched_off", "Switched Off"),
                            ("nothing_to_say", "Nothing To Say"),
                            ("stale", "Stale"),
                            ("no_connection", "No Connection"),
                            ("tls_failed", "Tls Failed"),
                            ("timed_out", "Timed Out"),
                            ("server_refused", "Server Refused"),
                            ("deferred", "Deferred"),
                            ("address_refused", "Address Refused"),
                            ("mail_refused", "Mail Refused"),
                            ("fault", "Fault"),
                        ],
                        max_length=15,
                        null=True,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoticeSettings",
            fields=[
                ("version", models.PositiveBigIntegerField(db_default=1, editable=False)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="notice_settings",
                        serialize=False,
                        to="claims.member",
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("time_zone", models.CharField(max_length=64)),
                ("digest_hour", models.PositiveSmallIntegerField(default=7)),
                (
                    "off",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("assignment", "Assignment"),
                                ("mention", "Mention"),
                                ("return", "Return"),
                                ("overdue", "Overdue"),
                                ("digest", "Digest"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="queueitem",
            index=models.Index(
                condition=models.Q(
                    ("assignee__isnull", False),
                    ("closed_at__isnull", True),
                    ("due_at__isnull", False),
                ),
                fields=["due_at"],
                name="queue_item_assigned_due",
            ),
        ),
        migrations.AddField(
            model_name="notice",
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
            model_name="notice",
            name="draft",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.draft",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.queueitem",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.member",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="note",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.note",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ar"])), name="notice_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_hour__lt", 24)), name="notice_hour_is_of_the_clock"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("off__contained_by", ["assignment", "mention", "return", "overdue", "digest"])
                ),
                name="notice_kinds_known",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["next_attempt_at", "id"],
                name="notice_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("member"),
                models.F("kind"),
                condition=models.Q(("state", "pending")),
                name="notice_pending_together",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", False)),
                fields=["settled_at"],
                name="notice_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("day__isnull", True),
                        ("draft__isnull", True),
                        ("due_at__isnull", True),
                        ("item__isnull", False),
                        ("kind", "assignment"),
                        ("note__isnull", True),
                    ),
                    models.Q(
                        ("day__isnull", True),
                        ("draft__isnull", True),
                        ("due_at__isnull", True),
                        ("item__isnull", True),
                        ("kind", "mention"),
                        ("note__isnull", False),
                    ),
                    models.Q(
                        ("day__isnull", True),
                        ("draft__isnull", False),
                        ("due_at__isnull", True),
                        ("item__isnull", True),
                        ("kind", "return"),
                        ("note__isnull", True),
                    ),
                    models.Q(
                        ("day__isnull", True),
                        ("draft__isnull", True),
                        ("due_at__isnull", False),
                        ("item__isnull", False),
                        ("kind", "overdue"),
                        ("note__isnull", True),
                    ),
                    models.Q(
                        ("day__isnull", False),
                        ("draft__isnull", True),
                        ("due_at__isnull", True),
                        ("item__isnull", True),
                        ("kind", "digest"),
                        ("note__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="notice_says_what_it_is_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("next_attempt_at__isnull", False),
                        ("settled_at__isnull", True),
                        ("state", "pending"),
                    ),
                    models.Q(
                        ("lease_token__isnull", True),
                        ("next_attempt_at__isnull", True),
                        ("settled_at__isnull", False),
                        ("state__in", ["sent", "dropped", "given_up"]),
                    ),
                    _connector="OR",
                ),
                name="notice_waits_while_pending",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lease_ends_at__isnull", True), ("lease_token__isnull", True)),
                    models.Q(("lease_ends_at__isnull", False), ("lease_token__isnull", False)),
                    _connector="OR",
                ),
                name="notice_lease_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason__isnull", True), ("state", "sent")),
                    ("state", "pending"),
                    models.Q(
                        (
                            "reason__in",
                            [
                                "no_mail_server",
                                "no_address",
                                "switched_off",
                                "nothing_to_say",
                                "stale",
                                "no_connection",
                                "tls_failed",
                                "timed_out",
                                "server_refused",
                                "deferred",
                                "address_refused",
                                "mail_refused",
                                "fault",
                            ],
                        ),
                        ("reason__isnull", False),
                        ("state__in", ["dropped", "given_up"]),
                    ),
                    _connector="OR",
                ),
                name="notice_unsent_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                models.F("item"),
                models.F("member"),
                models.F("due_at"),
                condition=models.Q(("kind", "overdue")),
                name="notice_overdue_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                models.F("member"),
                models.F("day"),
                condition=models.Q(("kind", "digest")),
                name="notice_digest_once_a_day",
            ),
        ),
    ]
