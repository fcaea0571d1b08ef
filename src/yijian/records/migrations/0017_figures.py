"""统计: what is counted of the journal."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0016_results")]
    operations = []
