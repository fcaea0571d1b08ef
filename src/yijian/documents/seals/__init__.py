"""电子印章: what an organisation's seal is, and who seals with it.

What lives here: the port. Real seals come from a province's seal platform (`gateways.seals`); the
built-in one (`seals.self_hosted`) is for tests and self-hosting and says 测试 wherever it shows.
Neither is certified as commercial cryptography; docs/reference/seals.md says what that means.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

SEAL_MM = 40
EDGE_MM = 20


@dataclass(frozen=True, slots=True)
class Holder:
    """用印单位: the organisation that seals, by its office code and the title on its seal."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Seal:
    """一枚印章: everything about a seal that anybody may see.

    `pdf_certificates` begin with the signer's, then its issuers', as DER; `ofd_certificate` is the
    SM2 certificate of the same holder and `eseal` the DER of the SESeal (GB/T 38540) that carries
    it. `picture` is a PNG of so many millimetres.
    """

    holder: Holder
    number: str
    picture: bytes
    width_mm: int
    height_mm: int
    valid_from: datetime
    valid_until: datetime
    pdf_certificates: tuple[bytes, ...]
    ofd_certificate: bytes
    eseal: bytes
    is_test: bool


class SealProvider(Protocol):
    """印章服务: holds the keys of seals and signs with them; no key ever leaves it.

    Errors of every function: SealRefusedError.
    """

    @property
    def name(self) -> str:
        """Who made the signature, as it stands in an OFD's Signature.xml."""

    def seal_of(self, holder: Holder, at: datetime) -> Seal:
        """The holder's seal as it is valid at this time."""

    def sign_pdf(self, holder: Holder, attributes: bytes, at: datetime) -> bytes:
        """The signature with SHA-256 over the DER of a PDF signature's signed attributes."""

    def sign_ofd(self, holder: Holder, to_sign: bytes, at: datetime) -> bytes:
        """The SM2 signature with SM3, as DER, over the DER of a TBS_Sign."""


class Spot(Protocol):
    """盖章位置: a box on a page; the seal stands in its middle.

    Pages are counted from 1, millimetres from the upper left corner.
    """

    @property
    def page(self) -> int: ...

    @property
    def x_mm(self) -> float: ...

    @property
    def y_mm(self) -> float: ...

    @property
    def width_mm(self) -> float: ...

    @property
    def height_mm(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Box:
    """A spot that somebody chose."""

    page: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


def corner(page: int, page_mm: tuple[float, float]) -> Box:
    """Where a seal goes when nobody says where: the lower right corner of the page."""
    width, height = page_mm
    free = SEAL_MM + 2 * EDGE_MM
    return Box(page, max(0.0, width - free), max(0.0, height - free), free, free)


def stamped(seal: Seal, spot: Spot) -> Box:
    """The seal's own box, in the middle of the spot."""
    return Box(
        spot.page,
        spot.x_mm + (spot.width_mm - seal.width_mm) / 2,
        spot.y_mm + (spot.height_mm - seal.height_mm) / 2,
        seal.width_mm,
        seal.height_mm,
    )


class SealRefusedError(Exception):
    """No seal was given.

    `reason` is a short code without personal data. `passing` says whether the same request may
    succeed later; when it is false a person must look.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing
