"""人与机构 as rows: offices that act, staff who act for them, and people with a sealed identity."""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.conf import settings
from django.db import models
from django.db.models import F, JSONField, Q, Value

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class OfficeRow(Row):
    """办理机构: who acts on tasks of one kind for one place, and how tasks reach it."""

    code = models.TextField(primary_key=True)
    kind = models.TextField()
    title_zh = models.TextField()
    title_en = models.TextField(default="")
    division = models.TextField()
    also_for = models.JSONField(
        default=list, db_default=Value([], JSONField()), help_text="Further divisions it acts for."
    )
    channel = models.TextField(default="desk")
    participant = models.TextField(null=True)
    phone = models.TextField(default="", help_text="The office's own public number.")
    address = models.TextField(default="", help_text="The office's own public address.")
    issues_certificates = models.BooleanField(default=True, db_default=True)
    hands_over_to = models.TextField(
        null=True, help_text="The office that takes over what this one only advises about."
    )
    active = models.BooleanField(default=True)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    kept_here = models.BooleanField(
        default=False, db_default=False, help_text="Changed in this node; no set-up overwrites it."
    )

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
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(begins_on__isnull=True)
                | Q(ends_on__gt=F("begins_on")),
                name="an_office_ends_after_it_begins",
            ),
        ]


class Staff(Row):
    """工作人员: a user's office and roles. The name stays with the identity provider's claim.

    Somebody can be appointed by staff number before ever having logged in: then there is no user.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="staff",
        db_constraint=False,
    )
    office = models.ForeignKey(OfficeRow, models.PROTECT, related_name="+", db_constraint=False)
    staff_number = models.TextField()
    roles = models.JSONField(default=list)
    sealed = models.BinaryField(null=True, help_text="The name as the identity provider gave it.")
    active = models.BooleanField(default=True)
    kept_here = models.BooleanField(
        default=False, db_default=False, help_text="Decided here; no claim from outside changes it."
    )
    last_seen_at = models.DateTimeField(null=True, help_text="The last login.")

    class Meta:
        db_table = "staff"
        constraints = [
            models.UniqueConstraint(fields=["staff_number"], name="one_account_per_staff_number"),
            models.CheckConstraint(
                condition=~Q(roles__has_any_keys=["system_admin", "security_admin", "audit_admin"])
                | Q(roles__contained_by=["system_admin"])
                | Q(roles__contained_by=["security_admin"])
                | Q(roles__contained_by=["audit_admin"]),
                name="an_administrator_is_nothing_else",
            ),
            models.CheckConstraint(
                condition=~Q(roles__contains=["auditor"])
                | Q(roles__contained_by=["auditor", "supervisor"]),
                name="whoever_audits_handles_nothing",
            ),
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
