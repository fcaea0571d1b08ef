"""推演: what a draft would change, counted."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0020_simulation.sql"
RUNNING = ["waiting", "running"]


class Migration(migrations.Migration):
    dependencies = [("records", "0019_workshop")]
    operations = [
        migrations.CreateModel(
            name="SimulationRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("draft", models.UUIDField()),
                ("code", models.TextField()),
                ("against_version", models.TextField()),
                ("against", models.TextField()),
                ("digest", models.TextField()),
                ("canonical", models.TextField()),
                ("on_day", models.DateField()),
                ("source", models.TextField()),
                ("since", models.DateTimeField(null=True)),
                ("wanted", models.IntegerField()),
                ("seed", models.TextField(default="")),
                ("state", models.TextField(db_default="waiting", default="waiting")),
                ("total", models.IntegerField(null=True)),
                ("done", models.IntegerField(db_default=0, default=0)),
                ("reached", models.TextField(db_default="", default="")),
                ("counted", models.JSONField(default=list)),
                ("result", models.JSONField(null=True)),
                ("by", models.TextField()),
                ("begun_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("problem", models.TextField(db_default="", default="")),
            ],
            options={
                "db_table": "simulation",
                "indexes": [
                    models.Index(fields=["draft", "-id"], name="simulations_of_a_draft"),
                    models.Index(fields=["digest"], name="simulations_of_a_version"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=[*RUNNING, "finished", "cancelled", "failed"]),
                        name="a_simulation_is_in_a_known_state",
                    ),
                    models.CheckConstraint(
                        condition=Q(source__in=["past", "made_up"]),
                        name="a_simulation_has_a_known_source",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=RUNNING) | Q(counted=[], ended_at__isnull=False),
                        name="exact_counts_leave_when_a_simulation_ends",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="finished") | Q(result__isnull=False),
                        name="a_finished_simulation_has_a_result",
                    ),
                    models.CheckConstraint(
                        condition=Q(wanted__gte=1, done__gte=0)
                        & (Q(total=None) | Q(done__lte=models.F("total"))),
                        name="a_simulation_counts_forward",
                    ),
                    models.UniqueConstraint(
                        fields=["draft", "source"],
                        condition=Q(state__in=RUNNING),
                        name="a_draft_is_simulated_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
