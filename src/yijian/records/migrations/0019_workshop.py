"""政策工坊: drafts of packs, their sources and approvals."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0018_charts")]
    operations = []
