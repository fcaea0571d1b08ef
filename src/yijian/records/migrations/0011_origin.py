"""Cases that came from another node, and the packs that came with them."""

from pathlib import Path

import django.db.models.fields.json
import django.db.models.functions.comparison
from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "0011_origin.sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0010_archive")]
    operations = [
        migrations.AddField(
            model_name="caserow",
            name="origin",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    django.db.models.fields.json.KT("progress__origin"),
                    models.Value("", output_field=models.TextField()),
                ),
                help_text="The node a received case comes from; empty for this node's own.",
                output_field=models.TextField(),
            ),
        ),
        migrations.AddField(
            model_name="packversion",
            name="received",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
