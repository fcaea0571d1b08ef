"""政策工坊: drafts of packs, their sources and approvals."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0019_workshop.sql"
ID = models.UUIDField(
    default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
)


class Migration(migrations.Migration):
    dependencies = [("records", "0018_charts")]
    operations = [
        migrations.CreateModel(
            name="PackDraft",
            fields=[
                ("id", ID.clone()),
                ("code", models.TextField()),
                ("based_on", models.TextField()),
                ("title", models.TextField(default="")),
                ("files", models.JSONField()),
                ("digest", models.TextField(help_text="Of the files.")),
                ("state", models.TextField(default="draft", db_default="draft")),
                ("lock", models.IntegerField(default=1, db_default=1)),
                ("authors", models.JSONField(default=list)),
                (
                    "note",
                    models.TextField(
                        default="", help_text="What the last submission or return said."
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("submitted_by", models.TextField(default="")),
                ("submitted_at", models.DateTimeField(null=True)),
                ("approver", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("in_force_from", models.DateField(null=True)),
                ("version_published", models.TextField(default="")),
            ],
            options={
                "db_table": "pack_draft",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            state__in=["draft", "submitted", "returned", "published", "discarded"]
                        ),
                        name="a_draft_is_in_a_known_state",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            state="published",
                            in_force_from__isnull=False,
                            decided_at__isnull=False,
                        )
                        & ~Q(version_published="")
                        & ~Q(approver="")
                        | ~Q(state="published") & Q(version_published="", in_force_from__isnull=True),
                        name="a_published_draft_says_by_whom_and_from_when",
                    ),
                    models.CheckConstraint(
                        condition=Q(lock__gte=1), name="a_draft_counts_its_changes"
                    ),
                    models.UniqueConstraint(
                        fields=["code", "version_published"],
                        condition=~Q(version_published=""),
                        name="a_version_comes_from_one_draft",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["code", "-changed_at"], name="drafts_of_a_pack")
                ],
            },
        ),
        migrations.CreateModel(
            name="PackSource",
            fields=[
                ("id", ID.clone()),
                ("code", models.TextField()),
                ("version", models.TextField()),
                ("digest", models.TextField()),
                ("files", models.JSONField()),
                ("origin", models.TextField()),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "db_table": "pack_source",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["code", "version"], name="a_version_has_one_source"
                    ),
                    models.CheckConstraint(
                        condition=Q(origin__in=["folder", "workshop"]),
                        name="a_source_is_of_the_folder_or_the_workshop",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyLogEntry",
            fields=[
                ("id", ID.clone()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("what", models.TextField()),
                ("code", models.TextField()),
                ("version", models.TextField(default="")),
                ("draft", models.UUIDField(null=True)),
                ("digest", models.TextField(default="")),
                ("note", models.TextField(default="")),
            ],
            options={
                "db_table": "policy_log",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(actor__regex=r"^[a-z]+(:[A-Za-z0-9._-]+)?$"),
                        name="somebody_did_what_the_policy_log_says",
                    ),
                    models.CheckConstraint(
                        condition=Q(what__regex=r"^[a-z_]+$"),
                        name="the_policy_log_says_what_was_done",
                    ),
                ],
                "indexes": [models.Index(fields=["code", "-id"], name="policy_log_of_a_pack")],
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
