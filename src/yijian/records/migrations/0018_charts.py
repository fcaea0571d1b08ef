"""图表: drawn charts, kept."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0017_figures")]
    operations = []
