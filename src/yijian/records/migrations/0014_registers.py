"""Who may ask which register here, and what was told."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0013_channels")]
    operations = []
