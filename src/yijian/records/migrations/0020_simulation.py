"""推演: what a draft would change, counted."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0019_workshop")]
    operations = []
