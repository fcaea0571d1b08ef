"""政策工坊: what was worked out from files of packs is kept under a digest."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("records", "0028_orders_answered")]
    operations = [
        migrations.CreateModel(
            name="PackResult",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("value", models.BinaryField()),
                ("kept_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "pack_result",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[0-9a-f]{64}$")),
                        name="a_result_is_kept_under_a_digest",
                    ),
                ],
                "indexes": [models.Index(fields=["kept_at"], name="results_by_age")],
            },
        ),
    ]
