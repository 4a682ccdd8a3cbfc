from django.db import migrations

from claims.sql import install


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]

    operations = [
        install("append_only_v1"),
        install("record_v1"),
        install("listing_v1"),
    ]
