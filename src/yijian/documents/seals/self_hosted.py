"""自建测试印章: seals made here, for tests and for nodes that choose to seal by themselves.

Every seal has a P-256 key for PDF and an SM2 key for OFD, with certificates of a test authority
made here too. A seal is made when it is first needed and kept as one sealed file in a folder that
all workers share; whoever makes it first wins and the others use the same. Pictures, certificates
and names say 测试.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from yijian.documents.seals import SEAL_MM, Holder, Seal, SealRefusedError, sm2
from yijian.documents.seals.certificates import Sign, Signing, issue, issue_authority, name
from yijian.documents.seals.keeping import Kept, Sealing
from yijian.documents.seals.picture import draw
from yijian.documents.seals.structures import seal_information, signed_seal

NAME = "Yijian 测试印章"
TEST_MARK = "（测试）"
AUTHORITY_FILES = "authority-*.pem"
"""The certificates of the test authority, readable by anybody who verifies."""
AUTHORITY_PERIOD = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC))
YEARS = 5
"""A seal serves a period of so many whole years; the next period has a seal of its own."""
_MAKER = "YIJIAN-TEST"
_CODE = re.compile(r"[A-Za-z0-9-]{1,40}")
_ECDSA = "sha256_ecdsa"


@dataclass(frozen=True, slots=True, repr=False)
class _Pair:
    """The two keys of one holder and their certificates."""

    ec_key: ec.EllipticCurvePrivateKey
    ec_certificate: x509.Certificate
    sm2_private: bytes
    sm2_certificate: x509.Certificate

    def with_ec(self) -> Signing:
        return Signing(_ECDSA, _ec_signer(self.ec_key))

    def with_sm2(self) -> Signing:
        public = sm2.public_key_of(self.sm2_certificate)
        assert public is not None
        return Signing(sm2.SM2_WITH_SM3, _sm2_signer(self.sm2_private, public))


class SelfHostedSeals:
    """印章服务 of this node itself: a `SealProvider` whose keys are sealed files in a folder."""

    def __init__(self, folder: Path, box: Sealing) -> None:
        self._kept = Kept(folder, box)
        # A cache on the methods themselves would keep every provider alive for ever.
        self._pair_of = lru_cache(maxsize=256)(self._opened_or_made)
        self._seal_of = lru_cache(maxsize=256)(self._described)
        self._authority = lru_cache(maxsize=1)(self._opened_or_made_authority)

    @property
    def name(self) -> str:
        return NAME

    def seal_of(self, holder: Holder, at: datetime) -> Seal:
        """The holder's seal of the period of `at`; made now if there is none yet."""
        return self._seal_of(holder, _first_year(at))

    def sign_pdf(self, holder: Holder, attributes: bytes, at: datetime) -> bytes:
        return self._pair_of(holder, _first_year(at))[0].with_ec().sign(attributes)

    def sign_ofd(self, holder: Holder, to_sign: bytes, at: datetime) -> bytes:
        return self._pair_of(holder, _first_year(at))[0].with_sm2().sign(to_sign)

    def authorities(self) -> tuple[bytes, bytes]:
        """The certificates, as DER, that vouch for every seal made here: P-256 and SM2."""
        pair = self._authority()
        return pair.ec_certificate.dump(), pair.sm2_certificate.dump()

    def _described(self, holder: Holder, year: int) -> Seal:
        pair, eseal = self._pair_of(holder, year)
        valid_from, valid_until = _period(year)
        return Seal(
            holder=holder,
            number=_number(holder, year),
            picture=draw(holder.title, holder.code),
            width_mm=SEAL_MM,
            height_mm=SEAL_MM,
            valid_from=valid_from,
            valid_until=valid_until,
            pdf_certificates=(
                pair.ec_certificate.dump(),
                self._authority().ec_certificate.dump(),
            ),
            ofd_certificate=pair.sm2_certificate.dump(),
            eseal=eseal,
            is_test=True,
        )

    def _opened_or_made(self, holder: Holder, year: int) -> tuple[_Pair, bytes]:
        if not _CODE.fullmatch(holder.code) or not holder.title:
            raise SealRefusedError("no_such_holder")
        number = _number(holder, year)
        kept = self._kept.read(number)
        if kept is None:
            authority = self._authority()
            pair = _new_pair(holder, authority, _period(year))
            eseal = _new_seal(holder, year, pair, authority)
            kept = self._kept.keep(number, {**_packed(pair), "eseal": eseal})
        return _unpacked(kept), kept["eseal"]

    def _opened_or_made_authority(self) -> _Pair:
        kept = self._kept.read("authority")
        if kept is None:
            kept = self._kept.keep("authority", _packed(_new_authority()))
        pair = _unpacked(kept)
        for kind, certificate in (("p256", pair.ec_certificate), ("sm2", pair.sm2_certificate)):
            armored = pem.armor("CERTIFICATE", certificate.dump())
            self._kept.publish(AUTHORITY_FILES.replace("*", kind), armored)
        return pair


def _first_year(at: datetime) -> int:
    year = at.astimezone(UTC).year
    if not AUTHORITY_PERIOD[0].year <= year < AUTHORITY_PERIOD[1].year - YEARS:
        raise SealRefusedError("time_without_seal")
    return year - year % YEARS


def _period(year: int) -> tuple[datetime, datetime]:
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + YEARS, 1, 1, tzinfo=UTC)


def _number(holder: Holder, year: int) -> str:
    """The seal's number; an organisation that is renamed gets another seal."""
    digest = hashlib.sha256(f"{holder.code}\n{holder.title}".encode()).hexdigest()
    return f"TEST-{holder.code}-{year}-{digest[:12]}"


def _new_authority() -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = sm2.new_key()
    ecdsa = Signing(_ECDSA, _ec_signer(key))
    with_sm2 = Signing(sm2.SM2_WITH_SM3, _sm2_signer(private, public))
    return _Pair(
        key,
        issue_authority(_ca_name("P-256"), _key_info(key), period=AUTHORITY_PERIOD, signing=ecdsa),
        private,
        issue_authority(
            _ca_name("SM2"), sm2.key_info(public), period=AUTHORITY_PERIOD, signing=with_sm2
        ),
    )


def _new_pair(holder: Holder, authority: _Pair, period: tuple[datetime, datetime]) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = sm2.new_key()
    subject = name(holder.title + TEST_MARK, organisation=holder.title, unit=holder.code)
    return _Pair(
        key,
        issue(
            subject,
            _key_info(key),
            authority=authority.ec_certificate,
            period=period,
            signing=authority.with_ec(),
        ),
        private,
        issue(
            subject,
            sm2.key_info(public),
            authority=authority.sm2_certificate,
            period=period,
            signing=authority.with_sm2(),
        ),
    )


def _new_seal(holder: Holder, year: int, pair: _Pair, authority: _Pair) -> bytes:
    """The SESeal: the picture and the holder's certificate, signed by the test authority."""
    valid_from, valid_until = _period(year)
    information = seal_information(
        number=_number(holder, year),
        name=holder.title + TEST_MARK,
        maker=_MAKER,
        certificate=pair.sm2_certificate.dump(),
        picture=draw(holder.title, holder.code),
        size_mm=(SEAL_MM, SEAL_MM),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return signed_seal(
        information,
        maker_certificate=authority.sm2_certificate.dump(),
        signature=authority.with_sm2().sign(information),
    )


def _ca_name(kind: str) -> x509.Name:
    return name(f"一件事平台测试印章 CA {kind}{TEST_MARK}", organisation="Yijian 测试")


def _key_info(key: ec.EllipticCurvePrivateKey) -> keys.PublicKeyInfo:
    return keys.PublicKeyInfo.load(
        key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _ec_signer(key: ec.EllipticCurvePrivateKey) -> Sign:
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    return lambda message: key.sign(message, algorithm)


def _sm2_signer(private: bytes, public: bytes) -> Sign:
    return lambda message: sm2.sign(private, public, message)


def _packed(pair: _Pair) -> dict[str, bytes]:
    return {
        "ec_key": pair.ec_key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "ec_certificate": pair.ec_certificate.dump(),
        "sm2_key": pair.sm2_private,
        "sm2_certificate": pair.sm2_certificate.dump(),
    }


def _unpacked(kept: Mapping[str, bytes]) -> _Pair:
    key = serialization.load_der_private_key(kept["ec_key"], None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return _Pair(
        key,
        x509.Certificate.load(kept["ec_certificate"]),
        kept["sm2_key"],
        x509.Certificate.load(kept["sm2_certificate"]),
    )
