"""图表: drawn charts, kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0017_figures")]
    operations = [
        migrations.CreateModel(
            name="ChartRow",
            fields=[
                (
                    "digest",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("page", models.TextField()),
                ("scope", models.TextField(default="")),
                ("language", models.TextField()),
                ("name", models.TextField()),
                ("spec", models.JSONField()),
                ("svg", models.TextField(default="")),
                ("state", models.TextField(default="waiting")),
                ("problem", models.TextField(default="")),
                ("wanted_at", models.DateTimeField()),
                ("drawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "chart",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["wanted_at"],
                        name="charts_to_draw",
                    ),
                    models.Index(
                        fields=["page", "scope", "language", "name", "-drawn_at"],
                        name="charts_of_a_place",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "drawn", "failed"])),
                        name="a_chart_is_in_a_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "drawn"), _negated=True),
                            models.Q(
                                models.Q(("svg", ""), _negated=True),
                                ("drawn_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_drawn_chart_has_its_drawing",
                    ),
                ],
            },
        ),
    ]
