"""参与方: who may speak with this node, by which keys, and where they are reached.

A key is changed with an overlap: the new one is announced under the old one, both count for a
while, and the operator drops the old one.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from yijian.domain.envelopes import DEPARTMENT, PARTNER_KINDS
from yijian.gateways import addresses
from yijian.gateways.addresses import Policy
from yijian.gateways.signatures.keys import NotAKeyError, read_key, split_keys
from yijian.records.models import Partner

MOST_KEYS = 3
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


class PartnerRefusedError(Exception):
    """A partner cannot be made known like this; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PartnerGiven:
    """What an operator says about a partner."""

    code: str
    kind: str
    endpoint: str = ""
    items: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    thin: bool = False
    name_zh: str = ""
    name_en: str = ""


def add(given: PartnerGiven, *, public_key: bytes) -> Partner:
    """Make a partner known, or change what is known of it; its keys are those of `public_key`.

    Errors: PartnerRefusedError, with an address that nobody should be sent to among its reasons.
    """
    keys = check(given, public_key=public_key)
    row, _ = Partner.objects.update_or_create(
        code=given.code,
        defaults={
            "public_key": "".join(keys),
            "kind": given.kind,
            "endpoint": given.endpoint,
            "items": sorted(given.items),
            "offices": sorted(given.offices),
            "thin": given.thin,
            "name_zh": given.name_zh,
            "name_en": given.name_en,
            "active": True,
        },
    )
    return row


def check(given: PartnerGiven, *, public_key: bytes) -> list[str]:
    """The keys of what could be made known like this. Errors: PartnerRefusedError."""
    if not CODE.fullmatch(given.code):
        raise PartnerRefusedError("wrong_code")
    if given.kind not in PARTNER_KINDS:
        raise PartnerRefusedError("wrong_kind")
    if settings.YIJIAN.training and given.kind != DEPARTMENT:
        raise PartnerRefusedError("only_the_sandbox")
    if given.endpoint:
        check_endpoint(given.endpoint)
    keys = [_read(block)[0] for block in split_keys(public_key)]
    if not 0 < len(keys) <= MOST_KEYS:
        raise PartnerRefusedError("wrong_key")
    return keys


def check_key(public_key: bytes) -> str:
    """The fingerprint of a key that could count for a partner. Errors: PartnerRefusedError."""
    return _read(public_key)[1]


def check_endpoint(endpoint: str) -> None:
    """An address that messages may be sent to. Errors: PartnerRefusedError."""
    if not urlsplit(endpoint).path.endswith("/events"):
        raise PartnerRefusedError("not_an_events_address")
    if settings.YIJIAN.training:
        if not endpoint.startswith(f"{settings.YIJIAN.sandbox_url}/"):
            raise PartnerRefusedError("only_the_sandbox")
        return
    try:
        address_policy().check(endpoint)
    except addresses.AddressRefusedError as refused:
        raise PartnerRefusedError(refused.code) from None


def address_policy() -> Policy:
    """Which addresses this node calls, as its settings have it."""
    node = settings.YIJIAN
    return Policy(
        networks=addresses.read_networks(node.partner_networks),
        loopback=node.demo and not node.training,
        trusted=addresses.trusted(node.own_addresses),
    )


def everyone() -> list[Partner]:
    """Every partner ever made known, those that were stopped too."""
    return list(Partner.objects.order_by("code"))


def keys_of(partner: Partner) -> list[str]:
    """The fingerprints of the keys that count for a partner."""
    return [_read(block)[1] for block in split_keys(partner.public_key.encode())]


def stop(code: str) -> None:
    """Nothing is taken from this partner any more, nor sent to it. Errors: PartnerRefusedError."""
    with transaction.atomic():
        row = _locked(code)
        row.active = False
        row.save(update_fields=["active"])


def add_key(code: str, public_key: bytes) -> str | None:
    """Let another key count too; its fingerprint, or None when it counts already.

    Errors: PartnerRefusedError `wrong_key`, `too_many_keys`, `unknown_partner`.
    """
    spelt, fingerprint = _read(public_key)
    with transaction.atomic():
        row = _locked(code)
        if fingerprint in keys_of(row):
            return None
        if len(keys_of(row)) >= MOST_KEYS:
            raise PartnerRefusedError("too_many_keys")
        row.public_key = spelt + row.public_key
        row.save(update_fields=["public_key"])
    return fingerprint


def drop_key(code: str, fingerprint: str) -> None:
    """Let a key count no longer. The last one stays: to silence a partner, stop it.

    Errors: PartnerRefusedError `unknown_key`, `last_key`, `unknown_partner`.
    """
    with transaction.atomic():
        row = _locked(code)
        left = [b for b in split_keys(row.public_key.encode()) if _read(b)[1] != fingerprint]
        if len(left) == len(keys_of(row)):
            raise PartnerRefusedError("unknown_key")
        if not left:
            raise PartnerRefusedError("last_key")
        row.public_key = b"".join(left).decode()
        row.save(update_fields=["public_key"])


def _locked(code: str) -> Partner:
    row = Partner.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise PartnerRefusedError("unknown_partner")
    return row


def _read(pem: bytes) -> tuple[str, str]:
    try:
        return read_key(pem)
    except NotAKeyError:
        raise PartnerRefusedError("wrong_key") from None
