from django.db import migrations, models

import claims.models.base


class Migration(migrations.Migration):
    """Reviews are found by the pages that they are published on (docs/adr/0036).

    Writing waits while the index is made: some seconds for a million verdicts.
    """

    dependencies = [
        ("claims", "0010_external_organizations"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(
                models.F("organization"),
                claims.models.base.PageOf("url"),
                condition=models.Q(("url__isnull", False)),
                name="verdict_page",
            ),
        ),
    ]
