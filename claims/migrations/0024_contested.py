from django.db import migrations, models

from claims.sql import install


class Migration(migrations.Migration):
    """Contests stay in the queue until they are decided about, whatever becomes of the verdict.

    One column that costs no rewrite, functions, and an item for each claim that left the queue
    while contests of a verdict on it were open.
    """

    dependencies = [
        ("claims", "0023_confirming"),
    ]

    operations = [
        migrations.AddField(
            model_name="queueitem",
            name="judged",
            field=models.BooleanField(db_default=False),
        ),
        install("contested_v1"),
    ]
