"""Runs `sql/0002_rules.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_rules.sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0001_tables")]
    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
