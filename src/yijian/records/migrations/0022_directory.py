"""人员与机构: appointments, proposals that two persons decide."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0021_acting")]
    operations = []
