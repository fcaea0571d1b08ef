"""How offices are reached, with dates."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0012_envelopes")]
    operations = []
