"""证号库存与纸质台账 as rows: runs of numbers, single numbers, books, sheets and their hand-overs.

A number of a blank sheet says nothing about anybody; which case it was given to lies sealed.
"""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.db import models
from django.db.models import F, Q

from yijian.domain.custody import SheetState
from yijian.domain.custody_rules import Sheet
from yijian.domain.number_stock import NumberState
from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

SHEETS = [sheet.value for sheet in Sheet]
SHEET_STATES = [state.value for state in SheetState]
NUMBER_STATES = [state.value for state in NumberState]


class Book(Row):
    """账簿: a chain of the journal that belongs to no case. `entries` counts its lines."""

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    entries = models.IntegerField(default=0)

    class Meta:
        db_table = "book"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="a_book_has_one_chain"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z]+:[0-9A-Za-z_.-]{1,64}$"),
                name="a_book_says_what_it_is_about",
            ),
        ]


class NumberRangeRow(Row):
    """首发号段: a run of numbers that lies with an office. `depth` counts the steps downwards."""

    id = models.UUIDField(primary_key=True, default=new_id)
    holder = models.TextField()
    parent = models.UUIDField(null=True)
    depth = models.SmallIntegerField()
    prefix = models.TextField()
    first = models.IntegerField()
    last = models.IntegerField()
    allotted_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "number_range"
        constraints = [
            models.CheckConstraint(
                condition=Q(prefix__regex=r"^[A-Z][0-9]{2}$"), name="a_run_has_one_letter_and_place"
            ),
            models.CheckConstraint(
                condition=Q(first__gte=0, last__gte=F("first"), last__lte=9_999_999),
                name="a_run_goes_upwards",
            ),
            models.CheckConstraint(
                condition=Q(depth=0, parent__isnull=True) | Q(depth__gte=1, parent__isnull=False),
                name="a_run_was_taken_in_or_allotted",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "prefix", "first"], name="runs_of_an_office"),
            models.Index(fields=["parent"], name="runs_from_a_run"),
        ]


class BlankNumber(Row):
    """证号: one number on an institution's shelf. It is only ever issued, voided or lost.

    `reserved_for` is the task that a held decision gives it to, until `reserved_until`.
    """

    number = models.TextField(primary_key=True)
    holder = models.TextField()
    run = models.UUIDField()
    state = models.TextField(default=NumberState.IN_STOCK.value)
    reserved_for = models.UUIDField(null=True)
    reserved_until = models.DateTimeField(null=True)
    void_request = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "blank_number"
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^[A-Z][0-9]{9}$"),
                name="a_blank_number_is_a_letter_and_nine_digits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NUMBER_STATES), name="a_number_is_in_a_known_state"
            ),
        ]
        indexes = [models.Index(fields=["holder", "state", "number"], name="numbers_of_a_shelf")]


class VoidRequest(Row):
    """作废申请: numbers that one person wants voided and another confirms."""

    id = models.UUIDField(primary_key=True, default=new_id)
    office = models.TextField()
    reason = models.TextField()
    numbers = models.JSONField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    state = models.TextField(default="open")
    settled_by = models.TextField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "void_request"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "confirmed", "withdrawn"]),
                name="a_void_request_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | (Q(settled_by__isnull=False) & ~Q(settled_by=F("proposed_by"))),
                name="nobody_voids_alone",
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=r"^[a-z_]{1,40}$"), name="a_void_request_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "id"],
                name="void_requests_to_confirm",
                condition=Q(state="open"),
            )
        ]


class SheetRow(Row):
    """一联: where one sheet is now, and where policy sends it (`rule`, since `ruled_on`).

    Its number is sealed with a key of the ledger, because the paper outlives the case's key.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    item = models.TextField()
    newborn = models.SmallIntegerField()
    sheet = models.TextField()
    number_hash = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    issuer = models.TextField()
    issued_at = models.DateTimeField()
    holder = models.TextField()
    state = models.TextField()
    cut = models.BooleanField()
    step = models.SmallIntegerField()
    batch = models.UUIDField(null=True)
    rule = models.TextField(default="")
    ruled_on = models.DateField()
    goes_to = models.TextField(null=True)
    due_on = models.DateField(null=True)

    class Meta:
        db_table = "sheet"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "item", "newborn", "sheet"], name="a_newborn_has_a_sheet_once"
            ),
            models.UniqueConstraint(
                fields=["number_hash", "sheet"], name="a_sheet_of_a_number_exists_once"
            ),
            models.CheckConstraint(condition=Q(sheet__in=SHEETS), name="a_sheet_is_one_of_three"),
            models.CheckConstraint(
                condition=Q(state__in=SHEET_STATES), name="a_sheet_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(step__gte=1), name="steps_of_a_sheet_count_from_one"
            ),
        ]
        indexes = [
            models.Index(
                fields=["holder", "state", "goes_to", "due_on"], name="sheets_of_a_holder"
            ),
            models.Index(fields=["issuer", "issued_at"], name="sheets_of_an_issuer"),
            models.Index(
                fields=["batch"], name="sheets_of_a_batch", condition=Q(batch__isnull=False)
            ),
        ]


class CustodyEntry(Row):
    """保管台账: where a paper part of a certificate went, one line per step, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    newborn = models.SmallIntegerField()
    part = models.TextField()
    step = models.SmallIntegerField()
    mark = models.TextField()
    holder = models.TextField()
    given_by = models.TextField()
    taken_by = models.TextField()
    at = models.DateTimeField()
    batch = models.TextField(default="")
    state = models.TextField(db_default=SheetState.HELD.value)

    class Meta:
        db_table = "custody"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "newborn", "part", "step"], name="a_part_is_in_one_place"
            ),
            models.CheckConstraint(
                condition=Q(mark__in=["whole", "cut"]), name="a_part_is_whole_or_cut"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SHEET_STATES), name="a_step_leads_to_a_known_state"
            ),
        ]
        indexes = [models.Index(fields=["holder", "-at"], name="paper_parts_of_a_holder")]


class HandoverBatch(Row):
    """交接批次: sheets that go to one place together, on one list with two signatures."""

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.TextField()
    from_office = models.TextField()
    goes_to = models.TextField()
    sheets = models.IntegerField()
    state = models.TextField(default="drawn_up")
    way = models.TextField(default="")
    tracking = models.TextField(default="")
    drawn_up_by = models.TextField()
    drawn_up_at = models.DateTimeField()
    given_by = models.TextField(null=True)
    given_at = models.DateTimeField(null=True)
    received_by = models.TextField(null=True)
    received_at = models.DateTimeField(null=True)
    receipt = models.TextField(default="")

    class Meta:
        db_table = "handover_batch"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="a_batch_number_is_used_once"),
            models.CheckConstraint(
                condition=Q(state__in=["drawn_up", "given", "received", "cancelled"]),
                name="a_batch_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["given", "received"]) | Q(given_by__isnull=False),
                name="somebody_gives_a_batch",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(received_by__isnull=False),
                name="somebody_receives_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(way__in=["", "in_person", "post"]), name="a_batch_goes_a_known_way"
            ),
        ]
        indexes = [
            models.Index(fields=["from_office", "-id"], name="batches_from_an_office"),
            models.Index(fields=["goes_to", "-id"], name="batches_to_an_office"),
        ]


class HandoverLine(Row):
    """交接清单的一行: one sheet of a batch, and what was found when the batch was received."""

    pk = models.CompositePrimaryKey("batch_id", "sheet_id")
    batch_id = models.UUIDField()
    sheet_id = models.UUIDField()
    outcome = models.TextField(default="listed")

    class Meta:
        db_table = "handover_line"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["listed", "received", "missing", "unexpected"]),
                name="a_line_of_a_batch_has_a_known_outcome",
            )
        ]
        indexes = [models.Index(fields=["sheet_id"], name="batches_of_a_sheet")]
