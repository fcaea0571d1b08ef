"""Runs of certificate numbers, single numbers, books, sheets of paper and their hand-overs."""

from pathlib import Path

from django.db import migrations, models

import yijian.records.identifiers

SQL = Path(__file__).parent / "sql" / "0008_papers.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0007_certificates"),
    ]

    operations = [
        migrations.CreateModel(
            name="BlankNumber",
            fields=[
                ("number", models.TextField(primary_key=True, serialize=False)),
                ("holder", models.TextField()),
                ("run", models.UUIDField()),
                ("state", models.TextField(default="in_stock")),
                ("reserved_for", models.UUIDField(null=True)),
                ("reserved_until", models.DateTimeField(null=True)),
                ("void_request", models.UUIDField(null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "blank_number",
            },
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.TextField()),
                ("entries", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "book",
            },
        ),
        migrations.CreateModel(
            name="HandoverBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.TextField()),
                ("from_office", models.TextField()),
                ("goes_to", models.TextField()),
                ("sheets", models.IntegerField()),
                ("state", models.TextField(default="drawn_up")),
                ("way", models.TextField(default="")),
                ("tracking", models.TextField(default="")),
                ("drawn_up_by", models.TextField()),
                ("drawn_up_at", models.DateTimeField()),
                ("given_by", models.TextField(null=True)),
                ("given_at", models.DateTimeField(null=True)),
                ("received_by", models.TextField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                ("receipt", models.TextField(default="")),
            ],
            options={
                "db_table": "handover_batch",
            },
        ),
        migrations.CreateModel(
            name="HandoverLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_id",
                        "sheet_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("batch_id", models.UUIDField()),
                ("sheet_id", models.UUIDField()),
                ("outcome", models.TextField(default="listed")),
            ],
            options={
                "db_table": "handover_line",
            },
        ),
        migrations.CreateModel(
            name="NumberRangeRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("holder", models.TextField()),
                ("parent", models.UUIDField(null=True)),
                ("depth", models.SmallIntegerField()),
                ("prefix", models.TextField()),
                ("first", models.IntegerField()),
                ("last", models.IntegerField()),
                ("allotted_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "number_range",
            },
        ),
        migrations.CreateModel(
            name="SheetRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("item", models.TextField()),
                ("newborn", models.SmallIntegerField()),
                ("sheet", models.TextField()),
                ("number_hash", models.BinaryField(max_length=16)),
                ("sealed", models.BinaryField()),
                ("issuer", models.TextField()),
                ("issued_at", models.DateTimeField()),
                ("holder", models.TextField()),
                ("state", models.TextField()),
                ("cut", models.BooleanField()),
                ("step", models.SmallIntegerField()),
                ("batch", models.UUIDField(null=True)),
                ("rule", models.TextField(default="")),
                ("ruled_on", models.DateField()),
                ("goes_to", models.TextField(null=True)),
                ("due_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "sheet",
            },
        ),
        migrations.CreateModel(
            name="VoidRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("office", models.TextField()),
                ("reason", models.TextField()),
                ("numbers", models.JSONField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("state", models.TextField(default="open")),
                ("settled_by", models.TextField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "void_request",
            },
        ),
        migrations.AddField(
            model_name="custodyentry",
            name="state",
            field=models.TextField(db_default="held"),
        ),
        migrations.AddConstraint(
            model_name="custodyentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["held", "on_the_way", "delivered", "missing", "lost"])
                ),
                name="a_step_leads_to_a_known_state",
            ),
        ),
        migrations.AddIndex(
            model_name="blanknumber",
            index=models.Index(fields=["holder", "state", "number"], name="numbers_of_a_shelf"),
        ),
        migrations.AddConstraint(
            model_name="blanknumber",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^[A-Z][0-9]{9}$")),
                name="a_blank_number_is_a_letter_and_nine_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="blanknumber",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["in_stock", "issued", "void", "lost"])),
                name="a_number_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="book",
            constraint=models.UniqueConstraint(fields=("code",), name="a_book_has_one_chain"),
        ),
        migrations.AddConstraint(
            model_name="book",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[a-z]+:[0-9A-Za-z_.-]{1,64}$")),
                name="a_book_says_what_it_is_about",
            ),
        ),
        migrations.AddIndex(
            model_name="handoverbatch",
            index=models.Index(fields=["from_office", "-id"], name="batches_from_an_office"),
        ),
        migrations.AddIndex(
            model_name="handoverbatch",
            index=models.Index(fields=["goes_to", "-id"], name="batches_to_an_office"),
        ),
        migrations.AddConstraint(
            model_name="handoverbatch",
            constraint=models.UniqueConstraint(
                fields=("number",), name="a_batch_number_is_used_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["drawn_up", "given", "received", "cancelled"])),
                name="a_batch_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["given", "received"]), _negated=True),
                    ("given_by__isnull", False),
                    _connector="OR",
                ),
                name="somebody_gives_a_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "received"), _negated=True),
                    ("received_by__isnull", False),
                    _connector="OR",
                ),
                name="somebody_receives_a_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["", "in_person", "post"])),
                name="a_batch_goes_a_known_way",
            ),
        ),
        migrations.AddIndex(
            model_name="handoverline",
            index=models.Index(fields=["sheet_id"], name="batches_of_a_sheet"),
        ),
        migrations.AddConstraint(
            model_name="handoverline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["listed", "received", "missing", "unexpected"])
                ),
                name="a_line_of_a_batch_has_a_known_outcome",
            ),
        ),
        migrations.AddIndex(
            model_name="numberrangerow",
            index=models.Index(fields=["holder", "prefix", "first"], name="runs_of_an_office"),
        ),
        migrations.AddIndex(
            model_name="numberrangerow",
            index=models.Index(fields=["parent"], name="runs_from_a_run"),
        ),
        migrations.AddConstraint(
            model_name="numberrangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("prefix__regex", "^[A-Z][0-9]{2}$")),
                name="a_run_has_one_letter_and_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="numberrangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first__gte", 0), ("last__gte", models.F("first")), ("last__lte", 9999999)
                ),
                name="a_run_goes_upwards",
            ),
        ),
        migrations.AddConstraint(
            model_name="numberrangerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("depth", 0), ("parent__isnull", True)),
                    models.Q(("depth__gte", 1), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="a_run_was_taken_in_or_allotted",
            ),
        ),
        migrations.AddIndex(
            model_name="sheetrow",
            index=models.Index(
                fields=["holder", "state", "goes_to", "due_on"], name="sheets_of_a_holder"
            ),
        ),
        migrations.AddIndex(
            model_name="sheetrow",
            index=models.Index(fields=["issuer", "issued_at"], name="sheets_of_an_issuer"),
        ),
        migrations.AddIndex(
            model_name="sheetrow",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)),
                fields=["batch"],
                name="sheets_of_a_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.UniqueConstraint(
                fields=("case_id", "item", "newborn", "sheet"), name="a_newborn_has_a_sheet_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.UniqueConstraint(
                fields=("number_hash", "sheet"), name="a_sheet_of_a_number_exists_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("sheet__in", ["main_page", "counterfoil", "stub"])),
                name="a_sheet_is_one_of_three",
            ),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["held", "on_the_way", "delivered", "missing", "lost"])
                ),
                name="a_sheet_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("step__gte", 1)), name="steps_of_a_sheet_count_from_one"
            ),
        ),
        migrations.AddIndex(
            model_name="voidrequest",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["office", "id"],
                name="void_requests_to_confirm",
            ),
        ),
        migrations.AddConstraint(
            model_name="voidrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "confirmed", "withdrawn"])),
                name="a_void_request_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="voidrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), _negated=True),
                    models.Q(
                        ("settled_by__isnull", False),
                        models.Q(("settled_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="nobody_voids_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="voidrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "^[a-z_]{1,40}$")),
                name="a_void_request_has_a_reason",
            ),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
