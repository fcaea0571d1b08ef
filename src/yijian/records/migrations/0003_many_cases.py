"""Runs `sql/0003_many_cases.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0003_many_cases.sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0002_rules")]
    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
