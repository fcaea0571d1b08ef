"""窗口与材料 as rows: pictures of materials, who was seen at the window, and what was saved once."""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class MaterialRow(Row):
    """材料: one page of a scan, sealed with the key of its case; gone when that key is destroyed.

    `material` is the pack's name of it. `digest` is the SHA-256 of the picture as it is kept. An
    original that was handed in has a line without a picture.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    material = models.TextField()
    kind = models.TextField()
    page = models.SmallIntegerField()
    source = models.TextField()
    kept_by = models.TextField()
    kept_at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)
    sealed = models.BinaryField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "material"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "material", "kind", "page"],
                condition=Q(removed_at__isnull=True),
                name="one_picture_per_page",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["window", "family"]),
                name="a_material_comes_from_a_known_side",
            ),
            models.CheckConstraint(
                condition=Q(kind="picture") | Q(kind="original", sealed__isnull=True),
                name="a_material_is_a_picture_or_an_original",
            ),
            models.CheckConstraint(
                condition=Q(page__gte=1), name="pages_of_a_material_count_from_one"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(sealed__isnull=True),
                name="a_removed_material_keeps_no_picture",
            ),
        ]


class SightingRow(Row):
    """原件核验: a clerk has seen somebody's original ID card; name and number are sealed.

    `present` says whether the person stood there, or somebody else brought the card.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    role = models.TextField()
    present = models.BooleanField()
    staff = models.TextField()
    office = models.TextField()
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "sighting"
        constraints = [
            models.CheckConstraint(
                condition=~Q(staff="") & ~Q(office=""), name="somebody_vouches_for_a_sighting"
            ),
        ]
        indexes = [models.Index(fields=["case_id", "id"], name="sightings_of_a_case")]


class SaveKey(Row):
    """一次一存: the key that a page sent with a save, so that a lost answer never doubles it."""

    pk = models.CompositePrimaryKey("case_id", "key")
    case_id = models.UUIDField()
    key = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "save_key"
