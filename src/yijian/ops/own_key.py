"""本节点的密钥: changing the key with which this node signs, without a gap.

Three steps, each repeatable: a new pair is made, the new public key is announced to the partners
under the old one, and then the new one is used. The old public key stays in a file of its own,
so that what it has signed can be verified for ever; partners drop it when they like.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from yijian.domain.envelopes import KEY_ANNOUNCED, NODE, source_of
from yijian.gateways import departments
from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.signatures.keys import read_key, split_keys
from yijian.ops.keys import make_key_pair
from yijian.records import exchange

SUFFIX = "-next"


class NoNextKeyError(Exception):
    """No new key was made yet."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one partner made of the announcement; empty when it took it."""

    partner: str
    problem: str


def _next_private() -> Path:
    path: Path = settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}{SUFFIX}.pem"
    return path


def _next_public() -> Path:
    path: Path = settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}{SUFFIX}.pub.pem"
    return path


def make() -> str:
    """Make the next key pair, unless it is there; its fingerprint."""
    make_key_pair(settings.YIJIAN.keys_folder, f"{settings.YIJIAN.node}{SUFFIX}")
    return read_key(_next_public().read_bytes())[1]


def announce(caller: Caller) -> list[Told]:
    """Tell every node about the next key, signed with the one that counts. Errors: NoNextKeyError.

    Departments get it from their operator: their contract knows no announcements.
    """
    if not _next_public().is_file():
        raise NoNextKeyError
    spelt, fingerprint = read_key(_next_public().read_bytes())
    event = {
        "specversion": "1.0",
        "id": f"key-{fingerprint}",
        "source": source_of(settings.YIJIAN.node),
        "type": KEY_ANNOUNCED,
        "time": timezone.now().isoformat(),
        "data": {"public_key": spelt},
    }
    found = []
    for partner in exchange.reachable(kind=NODE):
        try:
            result = departments.push(partner.endpoint, [event], caller=caller)
        except CallFailedError as failure:
            found.append(Told(partner.code, failure.reason))
            continue
        taken = str(event["id"]) in result.accepted
        problem = "" if taken else next(iter(result.refused.values()), "no_answer")
        found.append(Told(partner.code, problem))
    return found


def use() -> str:
    """Sign with the next key from now on; workers and pages must be started anew.

    Errors: NoNextKeyError.
    """
    if not _next_private().is_file():
        raise NoNextKeyError
    spelt, fingerprint = read_key(_next_public().read_bytes())
    private = settings.YIJIAN.signing_key_path
    public = settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}.pub.pem"
    before = public.read_text(encoding="ascii") if public.is_file() else ""
    for block in split_keys(before.encode()):
        old, name = read_key(block)
        if name != fingerprint:
            retired = settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}.{name}.pub.pem"
            retired.write_text(old, encoding="ascii")
    if spelt not in before:
        # Both, because a worker that is not started anew yet still signs with the old one.
        public.write_text(spelt + before, encoding="ascii")
    _next_private().replace(private)
    _next_public().unlink()
    return fingerprint
