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


SAYS: dict[Fault, tuple[str, str]] = {
    Fault.BROKEN: ("无法解析", "cannot be read"),
    Fault.NOT_SEALED: ("没有电子印章", "bears no seal"),
    Fault.CHANGED: ("盖章后内容被改动", "was changed after it was sealed"),
    Fault.MISSING_FILE: ("盖章时的文件已缺失", "a file that was sealed is missing"),
    Fault.NOT_COVERED: ("不在印章保护范围内", "is not covered by the seal"),
    Fault.UPDATED_AFTER: ("盖章后追加了内容", "something was added after it was sealed"),
    Fault.FORGED: ("签名值与证书不符", "the signature is not the certificate's"),
    Fault.WRONG_CERTIFICATE: (
        "签章人证书不是该印章的证书",
        "this certificate may not use the seal",
    ),
    Fault.SEAL_FORGED: ("印章并非由制章人签发", "the seal was not made by its stated maker"),
    Fault.SEAL_DIFFERS: ("包内印章与签名中的印章不同", "the seal shown is not the one that signed"),
    Fault.ELSEWHERE: ("签章属于另一文件", "the signature was made for another file"),
    Fault.TIME_DIFFERS: (
        "所载盖章时间与签名不同",
        "the stated time is not the one that was signed",
    ),
    Fault.NO_TIME: ("没有盖章时间", "states no time of sealing"),
    Fault.SEAL_NOT_VALID_THEN: (
        "盖章时印章不在有效期内",
        "the seal was not valid when it was used",
    ),
    Fault.CERTIFICATE_NOT_VALID_THEN: (
        "盖章时证书不在有效期内",
        "the certificate was not valid when it was used",
    ),
    Fault.UNKNOWN_ISSUER: ("证书颁发者不受信任", "the certificate's issuer is not trusted here"),
    Fault.WEAK_ALGORITHM: ("使用了不认可的算法", "uses an algorithm that is not accepted"),
    Fault.RECORD_DIFFERS: ("国密签名记录属于另一文件", "the SM2 record is of another file"),
}
"""Each fault in a few words, Chinese and English."""


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
