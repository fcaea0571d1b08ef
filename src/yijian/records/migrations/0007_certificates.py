"""Certificates with versions, links and files; who may fetch them, who did, who ended them."""

from pathlib import Path

from django.db import migrations, models

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0007_certificates.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0006_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="CertificateEnding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("certificate_id", models.UUIDField()),
                ("office", models.TextField()),
                ("kind", models.TextField()),
                ("reason", models.TextField()),
                ("sealed", models.BinaryField(null=True)),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("settled_by", models.TextField(default="")),
                ("settled_at", models.DateTimeField(null=True)),
                ("state", models.TextField(default="asked")),
            ],
            options={
                "db_table": "certificate_ending",
            },
        ),
        migrations.CreateModel(
            name="CertificateGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("certificate_id", models.UUIDField()),
                ("code_hash", models.BinaryField(max_length=16)),
                ("role", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("used_by", models.TextField(default="")),
                ("used_at", models.DateTimeField(null=True)),
                ("sealed", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "certificate_grant",
            },
        ),
        migrations.CreateModel(
            name="CertificateRetrieval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("partner", models.TextField()),
                ("what", models.TextField()),
                ("case_id", models.UUIDField(null=True)),
                ("certificate_id", models.UUIDField(null=True)),
                ("grant_id", models.UUIDField(null=True)),
                ("shown", models.BooleanField()),
                ("sealed", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "certificate_retrieval",
            },
        ),
        migrations.CreateModel(
            name="FetchedCertificateRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("role", models.TextField()),
                ("type", models.TextField()),
                ("receipt", models.TextField()),
                ("identifier", models.TextField(default="")),
                ("digest", models.BinaryField(max_length=32)),
                ("file_sha256", models.BinaryField(max_length=32, null=True)),
                ("media_type", models.TextField(default="")),
                ("sealed", models.BinaryField(null=True)),
                ("sealed_file", models.BinaryField(null=True)),
                ("fetched_at", models.DateTimeField()),
            ],
            options={
                "db_table": "fetched_certificate",
            },
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="digest",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="holder_hash",
            field=models.BinaryField(max_length=16, null=True),
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="identifier",
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="item",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="office",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="certificaterow",
            name="version",
            field=models.SmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="certificaterow",
            name="number_hash",
            field=models.BinaryField(max_length=16, null=True),
        ),
        migrations.AddIndex(
            model_name="certificaterow",
            index=models.Index(fields=["holder_hash", "-id"], name="certificates_of_a_holder"),
        ),
        migrations.AddConstraint(
            model_name="certificaterow",
            constraint=models.UniqueConstraint(
                fields=("identifier",), name="an_identifier_is_given_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificaterow",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1), ("version__lte", 999)),
                name="versions_of_a_certificate_count_from_one",
            ),
        ),
        migrations.AddIndex(
            model_name="certificateending",
            index=models.Index(
                condition=models.Q(("state", "asked")),
                fields=["office", "id"],
                name="endings_to_confirm",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificateending",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")),
                fields=("certificate_id",),
                name="one_ending_of_a_certificate_is_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificateending",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["replace", "revoke"])),
                name="a_certificate_is_replaced_or_revoked",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificateending",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["asked", "done", "dropped"])),
                name="an_ending_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificateending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(
                        models.Q(("settled_by", ""), _negated=True),
                        models.Q(("settled_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_second_person_ends_a_certificate",
            ),
        ),
        migrations.AddIndex(
            model_name="certificategrant",
            index=models.Index(fields=["case_id", "-id"], name="authorisations_of_a_case"),
        ),
        migrations.AddConstraint(
            model_name="certificategrant",
            constraint=models.UniqueConstraint(
                fields=("code_hash",), name="an_authorisation_code_is_given_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificategrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))),
                name="an_authorisation_code_expires",
            ),
        ),
        migrations.AddIndex(
            model_name="certificateretrieval",
            index=models.Index(fields=["case_id", "-id"], name="retrievals_of_a_case"),
        ),
        migrations.AddIndex(
            model_name="certificateretrieval",
            index=models.Index(
                condition=models.Q(("shown", False)),
                fields=["partner", "-at"],
                name="refused_retrievals",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificateretrieval",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__in", ["data", "file"])),
                name="a_retrieval_says_what_was_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchedcertificaterow",
            constraint=models.UniqueConstraint(
                fields=("case_id", "role", "type"), name="a_fetched_certificate_stands_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchedcertificaterow",
            constraint=models.CheckConstraint(
                condition=models.Q(("receipt", ""), _negated=True),
                name="a_fetched_certificate_has_its_receipt",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchedcertificaterow",
            constraint=models.CheckConstraint(
                condition=models.Q(("media_type__in", ["", "application/pdf", "application/ofd"])),
                name="a_fetched_file_is_of_a_known_kind",
            ),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
