"""Results on paper on their way to the family."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0009_parcels.sql"
STATES = ["awaited", "ready", "posting", "ordered", "under_way", "delivered", "returned"]


class Migration(migrations.Migration):
    dependencies = [("records", "0008_papers")]
    operations = [
        migrations.CreateModel(
            name="ParcelRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("item", models.TextField()),
                ("newborn", models.SmallIntegerField()),
                ("office", models.TextField(null=True)),
                ("state", models.TextField()),
                ("mailed", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("order", models.SmallIntegerField(default=0)),
                (
                    "looked_at",
                    models.DateTimeField(help_text="When the courier was last asked.", null=True),
                ),
                ("sealed", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "parcel",
                "indexes": [
                    models.Index(
                        condition=~Q(state="delivered"),
                        fields=["office", "-id"],
                        name="parcels_still_at_an_office",
                    ),
                    models.Index(
                        condition=Q(state__in=["ordered", "under_way"]),
                        fields=["looked_at"],
                        name="parcels_to_ask_the_courier_for",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["case_id", "item", "newborn"], name="one_parcel_per_result"
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=STATES), name="a_parcel_is_in_a_known_state"
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
