"""好差评与工单: ratings, questionnaires, work orders."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0022_directory")]
    operations = []
