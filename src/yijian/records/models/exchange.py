"""交换 as rows: messages out and in, partners, held decisions, receipts."""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class OutboxMessage(Row):
    """分发: one message to one destination. Its id is the request id of every attempt for ever.

    `state` is waiting, sending (claimed until `claimed_until`), delivered, parked, given_up, or
    cancelled when its office is no longer reached this way. A parked message belongs to a person
    (`DeadLetter`), who may let it go or give it up.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    destination = models.TextField()
    kind = models.TextField()
    case_id = models.UUIDField()
    task_id = models.UUIDField(null=True)
    item = models.TextField(default="")
    newborn = models.SmallIntegerField(default=0)
    round = models.SmallIntegerField(default=0)
    intent = models.TextField()
    sealed = models.BinaryField(null=True)
    state = models.TextField(default="waiting")
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")

    class Meta:
        db_table = "outbox"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "item", "newborn", "round", "intent", "destination"],
                name="one_message_per_intent",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "sending",
                        "delivered",
                        "parked",
                        "given_up",
                        "cancelled",
                    ]
                ),
                name="a_message_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claimed_until__isnull=False),
                name="a_claim_ends_by_itself",
            ),
        ]
        indexes = [
            models.Index(
                fields=["destination", "not_before", "id"],
                name="messages_to_deliver",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(
                fields=["task_id", "id"],
                name="messages_of_a_task",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["id"], name="messages_for_a_person", condition=Q(state="parked")),
        ]


class InboxMessage(Row):
    """收件: every message ever received, by sender and its id. Permanent: repeats are harmless.

    `sealed` is the whole message while it is parked: this node could not read it, or fell over it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    sender = models.TextField()
    message_id = models.TextField()
    digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()
    task_id = models.UUIDField(null=True)
    outcome = models.TextField(default="received")
    detail = models.TextField(default="")
    kind = models.TextField(default="", db_default="")
    state = models.TextField(default="settled", db_default="settled")
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "inbox"
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "message_id"], name="a_message_is_received_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["settled", "parked", "given_up"]),
                name="a_received_message_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="parked") | Q(sealed__isnull=False),
                name="a_parked_message_is_kept_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="received_for_a_person", condition=Q(state="parked")),
        ]


class Partner(Row):
    """参与方: another system that speaks with us: its key, its address and the items it may touch.

    `public_key` holds two keys while one is being changed. A `thin` partner is told which task and
    fetches it; what it may see never travels by itself.
    """

    code = models.TextField(primary_key=True)
    kind = models.TextField(default="department", db_default="department")
    thin = models.BooleanField(default=False, db_default=False)
    name_zh = models.TextField(default="", db_default="")
    name_en = models.TextField(default="", db_default="")
    public_key = models.TextField()
    endpoint = models.TextField(default="")
    items = models.JSONField(default=list)
    offices = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "partner"
        constraints = [
            models.CheckConstraint(
                condition=Q(public_key__startswith="-----BEGIN PUBLIC KEY-----"),
                name="a_partner_shows_a_public_key",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["department", "node"]), name="a_partner_is_of_a_known_kind"
            ),
        ]


class DeadLetter(Row):
    """交换异常: a message that stands still until a person has decided, with an owner and a deadline.

    The database opens one whenever a message is parked, on its way out or in, whoever parks it.
    `owner` is the office whose routing staff decide; empty means the staff of the lead office.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    message_id = models.UUIDField()
    direction = models.TextField()
    partner = models.TextField()
    kind = models.TextField()
    case_id = models.UUIDField(null=True)
    task_id = models.UUIDField(null=True)
    owner = models.TextField(default="")
    problem = models.TextField()
    parked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.TextField(default="open")
    settled_by = models.TextField(default="")
    settled_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True, help_text="The words of whoever decided.")

    class Meta:
        db_table = "dead_letter"
        constraints = [
            models.UniqueConstraint(
                fields=["message_id"],
                condition=Q(state="open"),
                name="one_open_dead_letter_per_message",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["out", "in"]), name="a_dead_letter_goes_out_or_in"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "tried_again", "handed_over", "given_up"]),
                name="a_dead_letter_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="a_settled_dead_letter_names_who",
            ),
            models.CheckConstraint(
                condition=~Q(state="given_up") | Q(sealed__isnull=False),
                name="whoever_gives_up_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="dead_letters_to_settle", condition=Q(state="open")
            ),
        ]


class Link(Row):
    """通联状态: how it goes with one destination, for every process and for the status page."""

    partner = models.TextField(primary_key=True)
    failures = models.IntegerField(default=0)
    reason = models.TextField(default="")
    failed_at = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "link"
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0) | Q(failed_at__isnull=False),
                name="a_failing_link_says_since_when",
            ),
        ]


class HeldDecision(Row):
    """暂缓生效: a clerk's decision that takes effect when `due_at` comes, unless taken back."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    task_id = models.UUIDField()
    sealed = models.BinaryField(null=True)
    by = models.TextField()
    task_version = models.IntegerField()
    held_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.TextField(default="held")
    problem = models.TextField(default="")

    class Meta:
        db_table = "held_decision"
        constraints = [
            models.UniqueConstraint(
                fields=["task_id"], condition=Q(state="held"), name="one_held_decision_per_task"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "applied", "taken_back", "failed"]),
                name="a_held_decision_is_in_a_known_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="decisions_to_apply", condition=Q(state="held")
            ),
        ]


class VerificationReceipt(Row):
    """核验回执: that a register was asked, for what, on which basis, and what its answer weighed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    register = models.TextField()
    receipt = models.TextField()
    purpose = models.TextField()
    basis = models.TextField(default="")
    consent = models.TextField(default="")
    source = models.TextField(default="")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    digest = models.BinaryField(null=True, help_text="Keyed digest of the answer.")
    fresh_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "verification_receipt"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "register", "receipt"], name="a_receipt_is_kept_once"
            ),
            models.CheckConstraint(
                condition=~Q(purpose=""), name="a_register_is_asked_for_a_purpose"
            ),
        ]


class SpentNonce(Row):
    """一次性随机数: a signed request's nonce, kept while its signature could still be accepted."""

    pk = models.CompositePrimaryKey("sender", "nonce")
    sender = models.TextField()
    nonce = models.TextField()
    created = models.DateTimeField()

    class Meta:
        db_table = "spent_nonce"
        indexes = [models.Index(fields=["created"], name="nonces_to_forget")]


class RefusedRequest(Row):
    """拒绝记录: a request at the machine door that was not signed as agreed. It changed nothing."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    claimed = models.TextField()
    reason = models.TextField()
    path = models.TextField()

    class Meta:
        db_table = "refused_request"
