from django.db import migrations

from claims.sql import install


class Migration(migrations.Migration):
    """Who moves an article to another publisher holds its claims first. Functions alone."""

    dependencies = [
        ("claims", "0020_desk_order"),
    ]

    operations = [
        install("reach_order_v1"),
    ]
