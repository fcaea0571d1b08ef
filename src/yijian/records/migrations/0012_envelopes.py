"""Nodes as partners, parked and dead letters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0011_origin")]
    operations = []
