"""统计: what is counted of the journal, by day and by month, and how far it is counted."""

from typing import Any

from django.db import migrations, models


def _cells(name: str, table: str) -> migrations.CreateModel:
    """Both tables have the same columns; their key is the order in which they are read."""
    key = ("scope", "measure", "day", "pack", "item", "detail")
    fields: list[tuple[str, Any]] = [
        ("pk", models.CompositePrimaryKey(*key, blank=True, editable=False, serialize=False)),
        ("scope", models.TextField()),
        ("measure", models.TextField()),
        ("day", models.DateField()),
        ("pack", models.TextField()),
        ("item", models.TextField(default="")),
        ("detail", models.TextField(default="")),
        ("count", models.BigIntegerField()),
    ]
    return migrations.CreateModel(name=name, fields=fields, options={"db_table": table})


def _never_below_zero(model: str, name: str) -> migrations.AddConstraint:
    condition = models.Q(("count__gte", 0))
    return migrations.AddConstraint(
        model_name=model, constraint=models.CheckConstraint(condition=condition, name=name)
    )


class Migration(migrations.Migration):
    dependencies = [("records", "0016_results")]
    operations = [
        _cells("FigureRow", "figure"),
        _cells("MonthFigureRow", "figure_month"),
        migrations.CreateModel(
            name="FigurePlace",
            fields=[
                ("office", models.TextField(primary_key=True, serialize=False)),
                ("division", models.TextField()),
            ],
            options={"db_table": "figure_place"},
        ),
        migrations.CreateModel(
            name="FigureCursor",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("number", models.BigIntegerField(default=0)),
                ("as_of", models.DateTimeField(null=True)),
            ],
            options={"db_table": "figure_cursor"},
        ),
        _never_below_zero("figurerow", "nothing_is_counted_below_zero"),
        _never_below_zero("monthfigurerow", "nothing_of_a_month_is_counted_below_zero"),
        migrations.AddConstraint(
            model_name="monthfigurerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("day__day", 1)), name="a_month_is_named_by_its_first_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="figurecursor",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="the_journal_is_counted_once"
            ),
        ),
        # Cells of the present day change all the time: room beside them keeps updates heap-only.
        migrations.RunSQL(
            "ALTER TABLE figure SET (fillfactor = 70);"
            " ALTER TABLE figure_month SET (fillfactor = 70);"
        ),
    ]
