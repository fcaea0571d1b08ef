"""验章结果: what examining a seal can find, each fault by its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with a sealed document."""

    BROKEN = "broken"
    NOT_SEALED = "not_sealed"
    CHANGED = "changed_after_sealing"
    MISSING_FILE = "missing_file"
    NOT_COVERED = "not_covered"
    UPDATED_AFTER = "updated_after_sealing"
    FORGED = "signature_forged"
    WRONG_CERTIFICATE = "wrong_certificate"
    SEAL_FORGED = "seal_forged"
    SEAL_DIFFERS = "seal_differs"
    ELSEWHERE = "made_for_another_file"
    TIME_DIFFERS = "time_differs"
    NO_TIME = "no_signing_time"
    SEAL_NOT_VALID_THEN = "seal_not_valid_at_signing"
    CERTIFICATE_NOT_VALID_THEN = "certificate_not_valid_at_signing"
    UNKNOWN_ISSUER = "unknown_issuer"
    WEAK_ALGORITHM = "weak_algorithm"
    RECORD_DIFFERS = "record_of_another_file"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault; `where` names the seal, the part of the package or the certificate."""

    fault: Fault
    where: str = ""


@dataclass(frozen=True, slots=True)
class SealFound:
    """A seal as it was found: what it says, whether that is true or not.

    `signed_at` is what the signer says; no time authority confirms it.
    """

    where: str
    signer: str
    issuer: str
    signed_at: datetime | None
    algorithm: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """Every seal of one document, and every fault."""

    seals: tuple[SealFound, ...]
    findings: tuple[Finding, ...]
