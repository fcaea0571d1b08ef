"""电子证照: identifiers, versions, states and metadata of electronic certificates.

Which certificates there are, from which result they come and what their faces say is data of the
pack; how an identifier is built and what a certificate is described by follows the standards for
electronic certificates. Nothing here is stored or shown.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from yijian.domain.wording import Basis, Text

ROOT = "1.2.156.3005.2"
"""The object identifier under which every certificate identifier stands."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PARTS = (
    (re.compile(r"[0-9A-Z]{18}[0-9]{3}"), "type_code"),
    (re.compile(r"[0-9A-Z]{18}|[0-9]{6}"), "issuer"),
    (re.compile(r"[0-9A-Z]{8,32}"), "serial"),
    (re.compile(r"(?!000)[0-9]{3}"), "version"),
    (re.compile(r"[0-9A-Z]"), "check"),
)
LAST_VERSION = 999
CITIZEN = "111"
"""The holder code's type when it is a citizen's ID number."""


class IdentifierError(ValueError):
    """A text that is no certificate identifier; `part` is the first part at fault."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class CertificateState(StrEnum):
    """证照状态: only a valid certificate proves anything today."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"


def check_character(text: str) -> str:
    """The check character of the parts without dots (ISO 7064 MOD 37,36).

    >>> check_character("11100000000013338W01111430000006122244L20230000403001")
    'U'
    """
    remainder = 36
    for character in text:
        remainder = (remainder + _ALPHABET.index(character)) % 36 or 36
        remainder = remainder * 2 % 37
    return _ALPHABET[(37 - remainder) % 36]


@dataclass(frozen=True, slots=True)
class Identifier:
    """电子证照标识: type, issuer, serial and version of one certificate, with a check character.

    A new version keeps the serial. Errors: IdentifierError with the part at fault.
    """

    type_code: str
    issuer: str
    serial: str
    version: int = 1

    def __post_init__(self) -> None:
        parts = (self.type_code, self.issuer, self.serial, f"{self.version:03d}")
        for (pattern, name), part in zip(_PARTS, parts, strict=False):
            if not pattern.fullmatch(part):
                raise IdentifierError(name)

    @property
    def check(self) -> str:
        """The check character."""
        return check_character(f"{self.type_code}{self.issuer}{self.serial}{self.version:03d}")

    @property
    def next(self) -> "Identifier":
        """The identifier of the version after this one."""
        return Identifier(self.type_code, self.issuer, self.serial, self.version + 1)

    def __str__(self) -> str:
        parts = (self.type_code, self.issuer, self.serial, f"{self.version:03d}", self.check)
        return ".".join((ROOT, *parts))


def read_identifier(text: str) -> Identifier:
    """The identifier that a text is. Errors: IdentifierError with the first part at fault.

    >>> read_identifier("1.2.156.3005.2.11100000000013338W009.11330105002500287C"
    ...                 ".2025052201.002.0").version
    2
    """
    if not text.startswith(f"{ROOT}."):
        raise IdentifierError("root")
    parts = text[len(ROOT) + 1 :].split(".")
    if len(parts) != len(_PARTS):
        raise IdentifierError("parts")
    for (pattern, name), part in zip(_PARTS, parts, strict=True):
        if not pattern.fullmatch(part):
            raise IdentifierError(name)
    found = Identifier(parts[0], parts[1], parts[2], int(parts[3]))
    if found.check != parts[4]:
        raise IdentifierError("check")
    return found


@dataclass(frozen=True, slots=True)
class Face:
    """证照的一面: one page of a certificate, with the facts and results that stand on it."""

    id: str
    title: Text
    shows: tuple[str, ...]
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class CertificateType:
    """证照类型: which result of an item becomes which certificate.

    `type_code` is the code of the certificate's type, `number` and `issued_on` the result fields
    that give its number and day; without a number the certificate has none of its own.
    `holder_name` and `holder_number` are the facts that say whose it is. `materials` are the
    materials that it stands for when another item asks for them. `issuer` is the issuing
    organisation's own code; without one it is the division of the office that acted.
    """

    id: str
    title: Text
    type_code: str
    authority: Text
    item: str
    holder_name: str
    holder_number: str
    faces: tuple[Face, ...]
    number: str | None = None
    issued_on: str | None = None
    issuer: str | None = None
    materials: tuple[str, ...] = ()
    basis: Basis | None = None

    @property
    def shows(self) -> tuple[str, ...]:
        """Everything that stands on one of its faces, each once."""
        return tuple(dict.fromkeys(name for face in self.faces for name in face.shows))


@dataclass(frozen=True, slots=True)
class FetchedType:
    """取用的证照: a certificate of a parent that a register gives, and what it stands for.

    `materials` are by the role of whose it is.
    """

    id: str
    title: Text
    materials: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Holder:
    """持证主体: who holds a certificate; `number` is empty until a citizen number is known."""

    name: str
    number: str = ""
    number_type: str = CITIZEN


@dataclass(frozen=True, slots=True)
class Issuer:
    """颁发机构: the office that issued it, its code in the identifier, and its place."""

    office: str
    code: str
    name: str
    division: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """电子证照: one version of one certificate.

    `id` is opaque. `shown` are the values that stand on its faces, as people read them, by fact or
    result. `salt` makes its digest impossible to guess. `supersedes` is the identifier of the
    version before it.
    """

    id: str
    type: str
    title: str
    identifier: Identifier
    number: str
    holder: Holder
    issuer: Issuer
    issued_on: date
    salt: str
    shown: Mapping[str, str] = field(default_factory=dict)
    valid_until: date | None = None
    supersedes: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of all that never changes about it; its state and the holder's number may."""
        return hashlib.sha256(canonical(content_of(self)).encode()).hexdigest()


def canonical(content: Mapping[str, object]) -> str:
    """The one spelling of a certificate's content that its digest covers."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_of(certificate: Certificate) -> dict[str, object]:
    """What never changes about a certificate, as plain values; what its digest covers."""
    until = certificate.valid_until
    return {
        "type": certificate.type,
        "title": certificate.title,
        "identifier": str(certificate.identifier),
        "number": certificate.number,
        "holder_name": certificate.holder.name,
        "issuer": certificate.issuer.office,
        "issuer_code": certificate.issuer.code,
        "issuer_name": certificate.issuer.name,
        "division": certificate.issuer.division,
        "issued_on": certificate.issued_on.isoformat(),
        "valid_until": until.isoformat() if until else "",
        "supersedes": certificate.supersedes or "",
        "shown": dict(certificate.shown),
        "salt": certificate.salt,
    }


def certificate_of(id_: str, content: Mapping[str, object], holder_number: str = "") -> Certificate:
    """The certificate that `content_of` described. Errors: IdentifierError, KeyError."""
    text = {name: str(value) for name, value in content.items() if isinstance(value, str)}
    shown = content["shown"]
    assert isinstance(shown, Mapping)
    return Certificate(
        id=id_,
        type=text["type"],
        title=text["title"],
        identifier=read_identifier(text["identifier"]),
        number=text["number"],
        holder=Holder(text["holder_name"], holder_number),
        issuer=Issuer(text["issuer"], text["issuer_code"], text["issuer_name"], text["division"]),
        issued_on=date.fromisoformat(text["issued_on"]),
        salt=text["salt"],
        shown={str(name): str(value) for name, value in shown.items()},
        valid_until=date.fromisoformat(text["valid_until"]) if text["valid_until"] else None,
        supersedes=text["supersedes"] or None,
    )


def metadata(certificate: Certificate, state: CertificateState) -> dict[str, str]:
    """证照基础信息: the elements by which certificates are catalogued, named as they are there.

    An element that is not known yet is empty.
    """
    holder, issuer = certificate.holder, certificate.issuer
    until = certificate.valid_until
    return {
        "证照名称": certificate.title,
        "证照类型名称": certificate.title,
        "证照类型代码": certificate.identifier.type_code,
        "证照编号": certificate.number,
        "电子证照标识": str(certificate.identifier),
        "持证主体": holder.name,
        "持证主体代码": holder.number,
        "持证主体代码类型": holder.number_type if holder.number else "",
        "颁发机构": issuer.name,
        "颁发机构代码": issuer.code,
        "颁发日期": certificate.issued_on.isoformat(),
        "有效期起始日期": certificate.issued_on.isoformat(),
        "有效期截止日期": until.isoformat() if until else "长期",
        "证照所属管辖属地编码": issuer.division,
        "证照状态": _STATES[state],
        "关联证照标识": certificate.supersedes or "",
    }


_STATES: Mapping[CertificateState, str] = {
    CertificateState.VALID: "有效",
    CertificateState.REPLACED: "已换发",
    CertificateState.REVOKED: "已注销",
}


@dataclass(frozen=True, slots=True)
class CertificateReference:
    """证照引用: what an office is told of a certificate instead of being given paper.

    `source` is the item that issued it, or the register that gave it with `receipt`; `role` says
    whose it is when it is a parent's, `newborn` which child's.
    """

    id: str
    type: str
    title: Text
    identifier: str
    state: CertificateState
    digest: str
    source: str
    version: int = 1
    newborn: int = 0
    role: str = ""
    receipt: str = ""


def stands_for(
    reference: CertificateReference,
    materials: Iterable[str],
    types: Mapping[str, CertificateType],
    fetched: Mapping[str, FetchedType],
) -> bool:
    """Whether a certificate is what one of these materials asks for."""
    asked = frozenset(materials)
    if reference.role:
        known = fetched.get(reference.type)
        return known is not None and bool(asked & set(known.materials.get(reference.role, ())))
    issued = types.get(reference.type)
    return issued is not None and bool(asked & set(issued.materials))
