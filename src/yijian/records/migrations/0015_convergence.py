"""What pairs of nodes agree on, and whose journals were witnessed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0014_registers")]
    operations = []
