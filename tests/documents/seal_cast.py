"""Who seals in the tests of seals, and the outside tools that judge what they sealed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from asn1crypto import pem

from yijian.documents.ofd.writing import ofd_of
from yijian.documents.seals import Holder, Seal
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.documents.typesetting import Typeset, typeset
from yijian.domain.documents import Content, Paragraph, SealPlace

HOSPITAL = Holder("340100H1", "合肥市示例妇幼保健院")
POLICE = Holder("340100P1", "合肥市公安局示例派出所")
AT = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SM2_ID = "distid:1234567812345678"
CURVE_SM2 = bytes.fromhex("2a811ccf5501822d")


CONTENT = Content(
    kind="acceptance_notice",
    layout="notice",
    title="受理通知书",
    number="N20261121-0001",
    language="zh",
    blocks=(
        Paragraph("您的申请已经受理。"),
        SealPlace(HOSPITAL.title, "2026年11月21日"),
    ),
    watermark="",
    footer="",
    policy=("340000-anhui", "1", "0" * 64),
    made_at=AT,
)


@cache
def notice() -> Typeset:
    """A page with room for the hospital's seal."""
    return typeset(CONTENT)


@cache
def ofd_notice() -> bytes:
    """The same page as OFD."""
    return ofd_of(notice().pdf, CONTENT)


class Otherwise:
    """A provider that tells something else about its seals: what an attacker would say."""

    def __init__(self, real: SelfHostedSeals, *, signs_as: Holder, when: datetime, **said: Any):
        self.real, self.signs_as, self.when, self.said = real, signs_as, when, said

    @property
    def name(self) -> str:
        return self.real.name

    def seal_of(self, holder: Holder, at: datetime) -> Seal:
        return replace(self.real.seal_of(holder, self.when), **self.said)

    def sign_pdf(self, holder: Holder, attributes: bytes, at: datetime) -> bytes:
        return self.real.sign_pdf(self.signs_as, attributes, self.when)

    def sign_ofd(self, holder: Holder, to_sign: bytes, at: datetime) -> bytes:
        return self.real.sign_ofd(self.signs_as, to_sign, self.when)


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run an outside tool. One that is not installed fails the test and says how to get it."""
    if shutil.which(name) is None:
        package = {"pdfsig": "poppler-utils", "pdftoppm": "poppler-utils"}.get(name, name)
        raise AssertionError(f"this test needs {name}: apt-get install {package}")
    return subprocess.run(
        [name, *map(str, arguments)], capture_output=True, check=False, timeout=60
    )


def pdfsig(path: Path) -> list[dict[str, str]]:
    """What poppler says about each signature of a file; a line without a value has value ''."""
    printed = tool("pdfsig", "-nocert", path).stdout.decode()
    signatures = re.split(r"^Signature #\d+:\n", printed, flags=re.MULTILINE)[1:]
    return [
        dict(
            (name.strip(), value.strip())
            for name, _, value in (line[4:].partition(":") for line in each.splitlines())
        )
        for each in signatures
    ]


def as_pem(certificate: bytes, path: Path) -> Path:
    path.write_bytes(pem.armor("CERTIFICATE", certificate))
    return path


def openssl_trusts(certificate: bytes, authority: bytes, folder: Path) -> bool:
    """Whether OpenSSL finds the certificate issued by the authority, in every strict sense."""
    identity = ("-vfyopt", SM2_ID) if CURVE_SM2 in authority else ()
    judged = tool(
        "openssl",
        *("verify", "-x509_strict", *identity, "-attime", str(int(AT.timestamp()))),
        *("-CAfile", as_pem(authority, folder / "authority.pem")),
        as_pem(certificate, folder / "certificate.pem"),
    )
    return judged.returncode == 0 and judged.stdout.endswith(b": OK\n")


def openssl_sm2(certificate: bytes, message: bytes, signature: bytes, folder: Path) -> bool:
    """Whether OpenSSL finds the SM2 signature made over the message by the certificate's key."""
    public = folder / "public.pem"
    shown = tool(
        "openssl", "x509", "-pubkey", "-noout", "-in", as_pem(certificate, folder / "c.pem")
    )
    public.write_bytes(shown.stdout)
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    judged = tool(
        "openssl",
        *("pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", folder / "message"),
        *("-sigfile", folder / "signature", "-digest", "sm3", "-pkeyopt", SM2_ID),
    )
    return judged.returncode == 0 and b"Verified Successfully" in judged.stdout
