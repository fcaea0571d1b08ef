"""督办: urging, outages, duty roster, calendar years."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0020_simulation")]
    operations = []
