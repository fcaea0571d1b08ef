"""签章数据区: where the seals of an OFD stand, and what each of them vouches for.

Only the places: which parts a seal covers, by which digests, and where it is seen. The seal itself
and the signed value are bytes that `documents.seals` makes and examines.
"""

import base64
import binascii
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count

from cryptography.hazmat.primitives import hashes

from yijian.documents.ofd.drawing import Box
from yijian.documents.ofd.marks import numbers
from yijian.documents.ofd.markup import Element, file_of, tag, words
from yijian.documents.ofd.opened import Opened, opened, placed, shown
from yijian.documents.ofd.package import ENTRY, OfdError, packed

SM3 = "1.2.156.10197.1.401"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
_WAYS: dict[str, Callable[[], hashes.HashAlgorithm]] = {SM3: hashes.SM3}
_DECLARED = re.compile(rb"</ofd:DocRoot>")

MOST_SIGNATURES = 64

_DigestOf = Callable[[str, str], bytes | None]

Sign = Callable[[bytes, str], bytes]
"""Signs the bytes of a Signature.xml, which stands at this path in the package."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who made the seal: the name, company and version of the signing system."""

    name: str
    company: str
    version: str


@dataclass(frozen=True, slots=True)
class StampPlace:
    """Where a seal is seen: the page from 1, and a box in millimetres from its top left."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Reference:
    """A part that a seal vouches for; `actual` is `None` where the part is gone."""

    path: str
    expected: bytes
    actual: bytes | None


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """One seal of an OFD with everything that it claims."""

    id: str
    path: str
    xml: bytes
    provider: Provider
    method: str
    at: str
    check_method: str
    references: tuple[Reference, ...]
    stamps: tuple[StampPlace, ...]
    seal: bytes | None
    signed_value: bytes | None
    files: tuple[str, str]
    """The paths of the seal and of the signed value."""


def ofd_with_signature(
    ofd: bytes,
    stamps: Sequence[StampPlace],
    *,
    provider: Provider,
    seal: bytes,
    at: datetime,
    sign: Sign,
) -> bytes:
    """The OFD with one more seal, which vouches for everything that is in it so far."""
    package = opened(ofd)
    held = package.parts
    root = posixpath.dirname(next((path for path, _ in package.documents()), ""))
    listed = _listed(package)
    folder = f"{root}/Signs"
    number = next(n for n in count() if f"{folder}/Sign_{n}/Signature.xml" not in held)
    path = f"{folder}/Sign_{number}/Signature.xml"
    list_path = listed[0] if listed else f"{folder}/Signatures.xml"
    if not listed:
        held[ENTRY] = _with_list(held[ENTRY], list_path)
    covered = [name for name in held if name != list_path]
    page_ids = package.page_ids()
    xml = file_of(
        "Signature",
        {},
        tag(
            "SignedInfo",
            {},
            tag(
                "Provider",
                {
                    "ProviderName": provider.name,
                    "Version": provider.version,
                    "Company": provider.company,
                },
            ),
            words("SignatureMethod", SM2_WITH_SM3),
            words("SignatureDateTime", at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")),
            tag("References", {"CheckMethod": SM3}, *(_reference(held, name) for name in covered)),
            *(_stamp(n, place, page_ids) for n, place in enumerate(stamps, 1)),
            tag("Seal", {}, words("BaseLoc", f"/{folder}/Sign_{number}/Seal.esl")),
        ),
        words("SignedValue", f"/{folder}/Sign_{number}/SignedValue.dat"),
    )
    held[list_path] = _list(root, [*(listed[1] if listed else []), f"Sign_{number}/Signature.xml"])
    held[path] = xml
    held[f"{folder}/Sign_{number}/Seal.esl"] = seal
    held[f"{folder}/Sign_{number}/SignedValue.dat"] = sign(xml, "/" + path)
    return packed(held)


def signature_parts(ofd: bytes | Opened) -> tuple[SignatureParts, ...]:
    """Every seal that the OFD lists, in its order. Errors: `OfdError`."""
    package = ofd if isinstance(ofd, Opened) else opened(ofd)
    listed = _listed(package)
    if not listed:
        return ()
    entries = list(package.xml(listed[0]).all("Signature"))
    if len(entries) > MOST_SIGNATURES:
        raise OfdError(f"it lists {len(entries)} signatures; {MOST_SIGNATURES} are the most")
    taken: dict[tuple[str, str], bytes | None] = {}

    def digest_of(method: str, name: str) -> bytes | None:
        if (method, name) not in taken:
            taken[method, name] = digest(method, package.parts[name])
        return taken[method, name]

    return tuple(
        _signature(package, entry.attributes.get("ID", ""), path.lstrip("/"), digest_of)
        for entry, path in zip(entries, listed[1], strict=True)
    )


def uncovered(ofd: bytes) -> tuple[str, ...]:
    """The parts for which no seal of the OFD vouches, beside what belongs to its last seal."""
    package = opened(ofd)
    signatures = signature_parts(package)
    listed = _listed(package)
    if not signatures or not listed:
        return tuple(package.parts)
    last = signatures[-1]
    own = {listed[0], last.path, *last.files}
    covered = {each.path for signature in signatures for each in signature.references}
    return tuple(name for name in package.parts if name not in own | covered)


def digest(method: str, data: bytes) -> bytes | None:
    """The digest of a part, or `None` for a method that this platform does not accept."""
    way = _WAYS.get(method)
    if way is None:
        return None
    hashing = hashes.Hash(way())
    hashing.update(data)
    return hashing.finalize()


def _signature(package: Opened, id_: str, path: str, digest_of: _DigestOf) -> SignatureParts:
    held, xml = package.parts, package.xml(path)
    info = xml.one("SignedInfo")
    references = info.one("References") if info is not None else None
    if info is None or references is None:
        raise OfdError(f"the signature {id_} does not say what it vouches for")
    seal = placed(path, info.words("Seal", "BaseLoc"))
    value = placed(path, xml.words("SignedValue"))
    provider = info.one("Provider") or Element("Provider", "", {})
    method = references.attributes.get("CheckMethod", "MD5")
    pages = {page: n for n, page in enumerate(package.page_ids(), 1)}
    said = provider.attributes
    return SignatureParts(
        id=id_,
        path=path,
        xml=held[path],
        provider=Provider(
            said.get("ProviderName", ""), said.get("Company", ""), said.get("Version", "")
        ),
        method=info.words("SignatureMethod"),
        at=info.words("SignatureDateTime"),
        check_method=method,
        references=tuple(
            _checked(held, path, each, partial(digest_of, method))
            for each in references.all("Reference")
        ),
        stamps=tuple(_stamped(each, pages) for each in info.all("StampAnnot")),
        seal=held.get(seal),
        signed_value=held.get(value),
        files=(seal, value),
    )


def _checked(
    held: Mapping[str, bytes], path: str, given: Element, digest_of: Callable[[str], bytes | None]
) -> Reference:
    name = placed(path, given.attributes.get("FileRef", ""))
    try:
        expected = base64.b64decode(given.words("CheckValue"), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise OfdError(f"the digest of {shown(name)} is not a digest") from fault
    return Reference(name, expected, digest_of(name) if name in held else None)


def _stamped(given: Element, pages: Mapping[str, int]) -> StampPlace:
    page = pages.get(given.attributes.get("PageRef", ""))
    try:
        sides = [float(side) for side in given.attributes.get("Boundary", "").split()]
        box = Box(*sides)
    except (TypeError, ValueError) as fault:
        raise OfdError("a stamp does not say where it stands") from fault
    if page is None:
        raise OfdError("a stamp stands on a page that is not there")
    return StampPlace(page, *box)


def _reference(held: Mapping[str, bytes], name: str) -> str:
    value = digest(SM3, held[name])
    assert value is not None
    said = base64.b64encode(value).decode()
    return tag("Reference", {"FileRef": f"/{name}"}, words("CheckValue", said))


def _stamp(number: int, place: StampPlace, page_ids: Sequence[str]) -> str:
    if not 1 <= place.page <= len(page_ids):
        raise ValueError(f"there is no page {place.page} for the stamp")
    return tag(
        "StampAnnot",
        {
            "ID": f"s{number:03d}",
            "PageRef": page_ids[place.page - 1],
            "Boundary": numbers((place.x, place.y, place.width, place.height)),
        },
    )


def _list(root: str, paths: Sequence[str]) -> bytes:
    entries = (
        tag(
            "Signature",
            {
                "ID": f"s{n:03d}",
                "Type": "Seal",
                "BaseLoc": path if path.startswith("/") else f"/{root}/Signs/{path}",
            },
        )
        for n, path in enumerate(paths, 1)
    )
    return file_of("Signatures", {}, *entries)


def _listed(package: Opened) -> tuple[str, list[str]] | None:
    """Where the list of signatures is and the paths in it, if the OFD has any."""
    where = package.xml(ENTRY).words("DocBody", "Signatures")
    if not where:
        return None
    path = placed(ENTRY, where)
    entries = package.xml(path).all("Signature")
    return path, ["/" + placed(path, each.attributes.get("BaseLoc", "")) for each in entries]


def _with_list(entry: bytes, path: str) -> bytes:
    """The root file, which from now on says where the signatures are."""
    said, times = _DECLARED.subn(b"\\g<0>" + words("Signatures", f"/{path}").encode(), entry)
    if times != 1:
        raise OfdError("the root file is not one of ours")
    return said
