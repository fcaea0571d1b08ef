"""公众: questions by number and code."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0023_ratings")]
    operations = []
