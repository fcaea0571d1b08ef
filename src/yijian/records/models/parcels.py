"""送达件: where every result on paper is on its way to its family; who received it lies sealed."""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.db import models
from django.db.models import Q

from yijian.domain.cases import ParcelState
from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

STATES = [state.value for state in ParcelState]


class ParcelRow(Row):
    """送达件: what a desk and the courier's job look for. The case says the same.

    `tracking` opens nothing by itself but follows a family's post, so it is sealed too, with who
    collected it and how that was shown.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    item = models.TextField()
    newborn = models.SmallIntegerField()
    office = models.TextField(null=True)
    state = models.TextField()
    mailed = models.BooleanField()
    since = models.DateTimeField()
    order = models.SmallIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, help_text="When the courier was last asked.")
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "parcel"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "item", "newborn"], name="one_parcel_per_result"
            ),
            models.CheckConstraint(
                condition=Q(state__in=STATES), name="a_parcel_is_in_a_known_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "-id"],
                condition=~Q(state="delivered"),
                name="parcels_still_at_an_office",
            ),
            models.Index(
                fields=["looked_at"],
                condition=Q(state__in=["ordered", "under_way"]),
                name="parcels_to_ask_the_courier_for",
            ),
        ]
