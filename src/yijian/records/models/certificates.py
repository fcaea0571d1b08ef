"""电子证照 as rows: what was issued, what registers gave, who may fetch it, who did, who ended it."""

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class CertificateRow(Row):
    """电子证照: one version of one certificate; its content is sealed under the case's key.

    The keyed digest keeps numbers unique: a version that keeps its number takes it over from the
    one before. `holder_hash` is the blind index of the holder's citizen number once it is known:
    with `number_hash` it links both numbers either way. A number that becomes no certificate has
    no identifier. `received_from` is the node that issued it, "" when it was issued here.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    newborn = models.SmallIntegerField()
    type = models.TextField()
    item = models.TextField(db_default="", default="")
    number_hash = models.BinaryField(max_length=16, null=True)
    holder_hash = models.BinaryField(max_length=16, null=True)
    identifier = models.TextField(null=True)  # noqa: DJ001 (nothing issued and empty differ)
    version = models.SmallIntegerField(db_default=1, default=1)
    office = models.TextField(db_default="", default="")
    digest = models.BinaryField(max_length=32, null=True)
    sealed = models.BinaryField(null=True)
    state = models.TextField(default="valid")
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    replaced_by = models.UUIDField(null=True)
    received_from = models.TextField(db_default="", default="")

    class Meta:
        db_table = "certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "newborn", "type"],
                condition=Q(state="valid"),
                name="one_valid_certificate_per_newborn",
            ),
            models.UniqueConstraint(
                fields=["type", "number_hash"], name="a_certificate_number_is_used_once"
            ),
            models.UniqueConstraint(fields=["identifier"], name="an_identifier_is_given_once"),
            models.CheckConstraint(
                condition=Q(state__in=["valid", "replaced", "revoked"]),
                name="a_certificate_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1, version__lte=999),
                name="versions_of_a_certificate_count_from_one",
            ),
        ]
        indexes = [
            models.Index(fields=["holder_hash", "-id"], name="certificates_of_a_holder"),
        ]


class FetchedCertificateRow(Row):
    """取用的证照: a parent's certificate as a register gave it, with its receipt and its file."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    role = models.TextField()
    type = models.TextField()
    receipt = models.TextField()
    identifier = models.TextField(default="")
    digest = models.BinaryField(max_length=32)
    file_sha256 = models.BinaryField(max_length=32, null=True)
    media_type = models.TextField(default="")
    sealed = models.BinaryField(null=True)
    sealed_file = models.BinaryField(null=True)
    fetched_at = models.DateTimeField()

    class Meta:
        db_table = "fetched_certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "role", "type"], name="a_fetched_certificate_stands_once"
            ),
            models.CheckConstraint(
                condition=~Q(receipt=""), name="a_fetched_certificate_has_its_receipt"
            ),
            models.CheckConstraint(
                condition=Q(media_type__in=["", "application/pdf", "application/ofd"]),
                name="a_fetched_file_is_of_a_known_kind",
            ),
        ]


class CertificateGrant(Row):
    """授权码: lets one machine fetch one certificate for one purpose, for a short while.

    Only the keyed digest of the code is kept. It belongs to the partner who uses it first.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    certificate_id = models.UUIDField()
    code_hash = models.BinaryField(max_length=16)
    role = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_by = models.TextField(default="")
    used_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "certificate_grant"
        constraints = [
            models.UniqueConstraint(
                fields=["code_hash"], name="an_authorisation_code_is_given_once"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="an_authorisation_code_expires"
            ),
        ]
        indexes = [models.Index(fields=["case_id", "-id"], name="authorisations_of_a_case")]


class CertificateRetrieval(Row):
    """调用记录: one machine asked for one certificate: why, and whether it was shown. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    partner = models.TextField()
    what = models.TextField()
    case_id = models.UUIDField(null=True)
    certificate_id = models.UUIDField(null=True)
    grant_id = models.UUIDField(null=True)
    shown = models.BooleanField()
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "certificate_retrieval"
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["data", "file"]), name="a_retrieval_says_what_was_asked"
            ),
        ]
        indexes = [
            models.Index(fields=["case_id", "-id"], name="retrievals_of_a_case"),
            models.Index(
                fields=["partner", "-at"], name="refused_retrievals", condition=Q(shown=False)
            ),
        ]


class CertificateEnding(Row):
    """换发与注销: asked for by one member of the issuer's staff, confirmed by another."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    certificate_id = models.UUIDField()
    office = models.TextField()
    kind = models.TextField()
    reason = models.TextField()
    sealed = models.BinaryField(null=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    settled_by = models.TextField(default="")
    settled_at = models.DateTimeField(null=True)
    state = models.TextField(default="asked")

    class Meta:
        db_table = "certificate_ending"
        constraints = [
            models.UniqueConstraint(
                fields=["certificate_id"],
                condition=Q(state="asked"),
                name="one_ending_of_a_certificate_is_asked",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["replace", "revoke"]),
                name="a_certificate_is_replaced_or_revoked",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "done", "dropped"]),
                name="an_ending_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(settled_by="") & ~Q(settled_by=F("asked_by"))),
                name="a_second_person_ends_a_certificate",
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "id"],
                name="endings_to_confirm",
                condition=Q(state="asked"),
            ),
        ]
