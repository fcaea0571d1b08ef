"""Documents with their files, and who took them away."""

from pathlib import Path
from uuid import UUID

from django.db import migrations, models
from django.db.models import Q

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0006_documents.sql"


def _key() -> "models.UUIDField[UUID, UUID]":
    return models.UUIDField(
        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [("records", "0005_applicants")]
    operations = [
        migrations.CreateModel(
            name="DocumentFetch",
            fields=[
                ("id", _key()),
                ("document_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("format", models.TextField()),
                ("by", models.TextField()),
                ("office", models.TextField(default="")),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "document_fetch",
                "indexes": [models.Index(fields=["case_id", "-id"], name="files_taken_of_a_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(format__in=["pdf", "ofd", "ses"]),
                        name="a_file_is_taken_in_a_known_format",
                    ),
                    models.CheckConstraint(condition=~Q(by=""), name="nobody_takes_a_file_unnamed"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentRow",
            fields=[
                ("id", _key()),
                ("case_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("title", models.TextField()),
                ("number", models.TextField(default="")),
                ("item", models.TextField(default="")),
                ("newborn", models.SmallIntegerField(default=0)),
                ("about", models.TextField()),
                ("version", models.SmallIntegerField(default=1)),
                ("language", models.TextField()),
                ("occasion", models.TextField()),
                ("form_version", models.IntegerField()),
                ("readers", models.JSONField(default=list)),
                ("folder", models.TextField(default="")),
                ("office", models.TextField(default="")),
                ("sealed_by", models.TextField(default="")),
                ("state", models.TextField(default="waiting")),
                ("attempts", models.SmallIntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("problem", models.TextField(default="")),
                ("due_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("source", models.TextField(default="set")),
                ("pages", models.SmallIntegerField(default=0)),
                ("content_digest", models.BinaryField(max_length=32)),
                ("pdf_sha256", models.BinaryField(max_length=32, null=True)),
                ("pdf_sm3", models.BinaryField(max_length=32, null=True)),
                ("pdf_bytes", models.IntegerField(default=0)),
                ("ofd_sha256", models.BinaryField(max_length=32, null=True)),
                ("ofd_sm3", models.BinaryField(max_length=32, null=True)),
                ("ofd_bytes", models.IntegerField(default=0)),
                ("sealed", models.BinaryField(null=True)),
                ("sealed_pdf", models.BinaryField(null=True)),
                ("sealed_ofd", models.BinaryField(null=True)),
                ("sealed_ses", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "document",
                "indexes": [
                    models.Index(
                        condition=Q(state__in=["waiting", "setting"]),
                        fields=["not_before", "id"],
                        name="documents_to_set",
                    ),
                    models.Index(
                        condition=Q(state__in=["needs_person", "failed"], replaced_at__isnull=True),
                        fields=["office", "id"],
                        name="documents_that_need_a_person",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["case_id", "about", "version"],
                        name="a_document_has_each_version_once",
                    ),
                    models.UniqueConstraint(
                        condition=Q(replaced_at__isnull=True),
                        fields=["case_id", "about"],
                        name="one_version_of_a_document_stands",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            state__in=["waiting", "setting", "ready", "needs_person", "failed"]
                        ),
                        name="a_document_is_in_a_known_state",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="ready")
                        | Q(
                            pdf_sha256__isnull=False,
                            pdf_sm3__isnull=False,
                            settled_at__isnull=False,
                        ),
                        name="a_ready_document_has_its_digests",
                    ),
                    models.CheckConstraint(
                        condition=Q(source__in=["set", "scan"]),
                        name="a_document_is_set_or_scanned",
                    ),
                    models.CheckConstraint(
                        condition=Q(version__gte=1),
                        name="versions_of_a_document_count_from_one",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
