"""人与机构 as rows: offices that act, staff who act for them, and people with a sealed identity."""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.conf import settings
from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class OfficeRow(Row):
    """办理机构: who acts on tasks of one kind for one place, and how tasks reach it."""

    code = models.TextField(primary_key=True)
    kind = models.TextField()
    title_zh = models.TextField()
    title_en = models.TextField(default="")
    division = models.TextField()
    channel = models.TextField(default="desk")
    participant = models.TextField(null=True)
    phone = models.TextField(default="", help_text="The office's own public number.")
    address = models.TextField(default="", help_text="The office's own public address.")
    issues_certificates = models.BooleanField(default=True, db_default=True)
    hands_over_to = models.TextField(
        null=True, help_text="The office that takes over what this one only advises about."
    )
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "office"
        constraints = [
            models.CheckConstraint(
                condition=Q(division__regex=r"^[0-9]{6}$"), name="an_office_stands_in_a_division"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["desk", "system", "node", "file"]),
                name="an_office_is_reached_by_a_known_channel",
            ),
            models.CheckConstraint(
                condition=~Q(channel__in=["system", "node"]) | Q(participant__isnull=False),
                name="a_system_office_names_its_participant",
            ),
        ]


class Staff(Row):
    """工作人员: a user's office and roles. The name stays with the identity provider's claim."""

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="staff", db_constraint=False
    )
    office = models.ForeignKey(OfficeRow, models.PROTECT, related_name="+", db_constraint=False)
    staff_number = models.TextField()
    roles = models.JSONField(default=list)
    sealed = models.BinaryField(null=True, help_text="The name as the identity provider gave it.")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "staff"
        constraints = [
            models.UniqueConstraint(fields=["staff_number"], name="one_account_per_staff_number"),
        ]


class Person(Row):
    """个人: a user's verified identity, sealed, found by the blind index of the ID number."""

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="person", db_constraint=False
    )
    id_hash = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    verified_at = models.DateTimeField()

    class Meta:
        db_table = "person"
        constraints = [models.UniqueConstraint(fields=["id_hash"], name="one_account_per_person")]
