"""Placeholder of the tables of its area; filled by its owner."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0008_papers")]
    operations = []
