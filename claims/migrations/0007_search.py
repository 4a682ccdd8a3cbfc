from django.db import migrations

from claims.sql import install


class Migration(migrations.Migration):
    dependencies = [("claims", "0006_listings")]
    operations = [install("same_v1")]
