from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was erased last is asked for with every list; the index of it is next to empty."""

    atomic = False
    dependencies = [("claims", "0004_webhooks")]
    operations = [
        AddIndexConcurrently(
            model_name="content",
            index=models.Index(
                fields=["erased_at"],
                name="content_erased",
                condition=models.Q(erased_at__isnull=False),
            ),
        ),
    ]
