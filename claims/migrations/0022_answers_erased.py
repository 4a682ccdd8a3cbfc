from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers that are kept by Idempotency-Key can be erased, and their keys stay."""

    dependencies = [
        ("claims", "0021_reach_order"),
    ]

    operations = [
        migrations.AlterField(
            model_name="idempotencykey",
            name="body",
            field=models.BinaryField(null=True),
        ),
        # Backwards, first: before this version all answers went with what was erased.
        migrations.RunSQL(
            migrations.RunSQL.noop, "DELETE FROM claims_idempotencykey WHERE body IS NULL"
        ),
    ]
