"""人员与机构: appointments, proposals that two persons decide, and dated changes of offices."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0022_directory.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0021_acting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="AdministrationEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.TextField()),
                ("office", models.TextField(default="")),
                ("what", models.TextField()),
                ("subject", models.TextField(default="")),
                ("details", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "administration",
            },
        ),
        migrations.CreateModel(
            name="OfficeChangeRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.TextField()),
                ("starts_on", models.DateField()),
                ("ends", models.BooleanField(default=False)),
                (
                    "successor",
                    models.TextField(
                        default="", help_text="Who takes the tasks of an ended office."
                    ),
                ),
                ("values", models.JSONField(default=dict)),
                ("decided_by", models.TextField()),
                ("proposed_by", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("followed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "office_change",
            },
        ),
        migrations.CreateModel(
            name="ProposalRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField()),
                ("subject", models.TextField(help_text="What it is about, as an opaque code.")),
                ("payload", models.JSONField()),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "sealed",
                    models.BinaryField(help_text="Why, in the proposer's own words.", null=True),
                ),
                ("proposed_by", models.TextField()),
                ("office", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("state", models.TextField(default="open")),
                ("decided_by", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "proposal",
            },
        ),
        migrations.AddField(
            model_name="officerow",
            name="also_for",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="Further divisions it acts for.",
            ),
        ),
        migrations.AddField(
            model_name="officerow",
            name="begins_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="officerow",
            name="ends_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="officerow",
            name="kept_here",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Changed in this node; no set-up overwrites it.",
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="kept_here",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Decided here; no claim from outside changes it.",
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="last_seen_at",
            field=models.DateTimeField(help_text="The last login.", null=True),
        ),
        migrations.AlterField(
            model_name="staff",
            name="user",
            field=models.OneToOneField(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="staff",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["staff", "-id"], name="reads_by_staff"),
        ),
        migrations.AddConstraint(
            model_name="officerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    ("begins_on__isnull", True),
                    ("ends_on__gt", models.F("begins_on")),
                    _connector="OR",
                ),
                name="an_office_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("roles__has_any_keys", ["system_admin", "security_admin", "audit_admin"]),
                        _negated=True,
                    ),
                    ("roles__contained_by", ["system_admin"]),
                    ("roles__contained_by", ["security_admin"]),
                    ("roles__contained_by", ["audit_admin"]),
                    _connector="OR",
                ),
                name="an_administrator_is_nothing_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roles__contains", ["auditor"]), _negated=True),
                    ("roles__contained_by", ["auditor", "supervisor"]),
                    _connector="OR",
                ),
                name="whoever_audits_handles_nothing",
            ),
        ),
        migrations.AddIndex(
            model_name="administrationentry",
            index=models.Index(fields=["subject", "-id"], name="acts_about_a_subject"),
        ),
        migrations.AddIndex(
            model_name="administrationentry",
            index=models.Index(fields=["by", "-id"], name="acts_of_an_administrator"),
        ),
        migrations.AddConstraint(
            model_name="administrationentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("by__regex", "^[\\x21-\\x7e]{1,100}$")),
                name="an_administrator_is_an_opaque_identifier",
            ),
        ),
        migrations.AddConstraint(
            model_name="administrationentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__regex", "^[a-z_]{1,40}$")),
                name="an_administrative_act_is_one_word",
            ),
        ),
        migrations.AddIndex(
            model_name="officechangerow",
            index=models.Index(
                condition=models.Q(("followed_at__isnull", True)),
                fields=["starts_on"],
                name="office_changes_to_follow",
            ),
        ),
        migrations.AddIndex(
            model_name="officechangerow",
            index=models.Index(fields=["code", "-id"], name="changes_of_an_office"),
        ),
        migrations.AddConstraint(
            model_name="officechangerow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("applied_at__isnull", True)),
                fields=("code",),
                name="one_change_of_an_office_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="officechangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                name="two_persons_change_an_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="officechangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("successor", ""), ("ends", True), _connector="OR"),
                name="only_an_ended_office_is_succeeded",
            ),
        ),
        migrations.AddConstraint(
            model_name="officechangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("followed_at__isnull", True), ("applied_at__isnull", False), _connector="OR"
                ),
                name="tasks_follow_a_change_that_was_made",
            ),
        ),
        migrations.AddIndex(
            model_name="proposalrow",
            index=models.Index(fields=["state", "-id"], name="proposals_by_state"),
        ),
        migrations.AddConstraint(
            model_name="proposalrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("kind", "subject"),
                name="one_open_proposal_about_the_same",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "accepted", "declined", "withdrawn"])),
                name="a_proposal_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", models.F("proposed_by")), ("state", "withdrawn")),
                    models.Q(
                        models.Q(("state", "withdrawn"), _negated=True),
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="two_persons_decide_a_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by", ""), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        models.Q(("decided_by", ""), _negated=True),
                        ("decided_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_decided_proposal_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("proposed_by__regex", "^[\\x21-\\x7e]{1,100}$")),
                name="a_proposer_is_an_opaque_identifier",
            ),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
