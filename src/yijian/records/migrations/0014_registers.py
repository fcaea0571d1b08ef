"""Who may ask which register here, what was asked, and where this node asks."""

from django.db import migrations, models

import yijian.records.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0013_channels"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "partner",
                        "register",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("partner", models.TextField()),
                ("register", models.TextField()),
                ("day", models.DateField()),
                ("asked", models.IntegerField()),
            ],
            options={
                "db_table": "register_use",
            },
        ),
        migrations.CreateModel(
            name="RegisterQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("partner", models.TextField()),
                ("register", models.TextField()),
                ("purpose", models.TextField()),
                ("consent", models.TextField()),
                ("person", models.BinaryField(max_length=16, null=True)),
                ("question_digest", models.BinaryField(max_length=32)),
                ("answer_digest", models.BinaryField(max_length=32, null=True)),
                ("outcome", models.TextField()),
                ("reason", models.TextField(default="")),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "register_question",
                "indexes": [
                    models.Index(fields=["-at"], name="questions_by_time"),
                    models.Index(fields=["person", "-at"], name="questions_about_a_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                ["asked", "found", "absent", "refused", "over_budget", "failed"],
                            )
                        ),
                        name="a_question_ends_in_a_known_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "found"), _negated=True),
                            ("answer_digest__isnull", False),
                            _connector="OR",
                        ),
                        name="what_was_told_is_weighed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "refused"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_refused_question_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterRight",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("partner", models.TextField()),
                ("register", models.TextField()),
                ("purposes", models.JSONField()),
                ("consent", models.BooleanField()),
                ("fields", models.JSONField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("daily_budget", models.IntegerField()),
                ("granted_by", models.TextField()),
                ("granted_at", models.DateTimeField()),
                ("ended_by", models.TextField(default="")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "register_right",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("partner", "register"),
                        name="one_right_of_a_partner_per_register",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("daily_budget__gte", 1)),
                        name="a_right_has_a_daily_budget",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gt", models.F("begins_at")),
                            _connector="OR",
                        ),
                        name="a_right_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            models.Q(("ended_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="whoever_ends_a_right_is_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterRoute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("register", models.TextField()),
                ("place", models.TextField()),
                ("kind", models.TextField()),
                ("target", models.TextField()),
                ("secret", models.TextField(default="")),
                ("options", models.JSONField(default=dict)),
                ("position", models.IntegerField()),
                ("at_once", models.BooleanField(default=False)),
                ("begins_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "register_route",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends_on__isnull", True)),
                        fields=("register", "place", "kind", "target"),
                        name="one_open_route_to_a_provider",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["yijian", "register", "national", "tif"])),
                        name="a_provider_is_of_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("place__regex", "^([0-9]{2}){0,3}$")),
                        name="a_route_is_for_a_place_or_anywhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("begins_on")),
                            _connector="OR",
                        ),
                        name="a_route_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VainQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=yijian.records.identifiers.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("register", models.TextField()),
                ("provider", models.TextField()),
                ("receipt", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "vain_question",
                "indexes": [models.Index(fields=["at"], name="vain_questions_to_forget")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "receipt"), name="a_vain_question_is_kept_once"
                    )
                ],
            },
        ),
    ]
