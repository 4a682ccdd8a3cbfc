from django.db import migrations

from claims.sql import install


class Migration(migrations.Migration):
    """Who confirms a verdict is a member still, who may judge. One function."""

    dependencies = [
        ("claims", "0022_answers_erased"),
    ]

    operations = [
        install("confirming_v1"),
    ]
