from django.db import migrations

from claims.sql import install


class Migration(migrations.Migration):
    """Who ends a membership holds what is touched in the order of all others. One function."""

    dependencies = [
        ("claims", "0019_reach"),
    ]

    operations = [
        install("desk_order_v1"),
    ]
