"""Results that another node issued: its certificates are kept here, their files fetched."""

from django.db import migrations, models

import yijian.records.identifiers


class Migration(migrations.Migration):
    dependencies = [("records", "0015_convergence")]
    operations = [
        migrations.CreateModel(
            name="ReceivedFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("task_id", models.UUIDField()),
                ("partner", models.TextField()),
                ("document", models.UUIDField()),
                ("remote", models.UUIDField()),
                ("files", models.JSONField()),
                ("pages", models.SmallIntegerField(default=1)),
                ("state", models.TextField(default="waiting")),
                ("attempts", models.SmallIntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("announced_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("problem", models.TextField(default="")),
            ],
            options={
                "db_table": "received_file",
            },
        ),
        migrations.RemoveConstraint(
            model_name="documentrow",
            name="a_document_is_in_a_known_state",
        ),
        migrations.RemoveConstraint(
            model_name="documentrow",
            name="a_document_is_set_or_scanned",
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="received_from",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddConstraint(
            model_name="documentrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["waiting", "setting", "ready", "needs_person", "failed", "awaited"],
                    )
                ),
                name="a_document_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["set", "scan", "received"])),
                name="a_document_is_set_scanned_or_received",
            ),
        ),
        migrations.AddIndex(
            model_name="receivedfile",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "fetching"])),
                fields=["not_before", "id"],
                name="files_to_fetch",
            ),
        ),
        migrations.AddConstraint(
            model_name="receivedfile",
            constraint=models.UniqueConstraint(
                fields=("document",), name="the_files_of_a_document_are_fetched_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="receivedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "fetching", "fetched", "parked"])),
                name="a_file_to_fetch_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="receivedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "fetching"), _negated=True),
                    ("claimed_until__isnull", False),
                    _connector="OR",
                ),
                name="a_claim_to_fetch_ends_by_itself",
            ),
        ),
    ]
