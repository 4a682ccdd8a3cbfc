from django.db import migrations

from claims.sql import install


class Migration(migrations.Migration):
    """What has become of a verdict that is contested. Functions alone."""

    dependencies = [
        ("claims", "0021_reach_order"),
    ]

    operations = [
        install("contested_v1"),
    ]
