"""归档: an awaited package is put together from the records, checked, and kept.

A package is made when the journal up to the end of its item lies in the signed tree and every
document of the item is ready; a case's package when those of all its items are made. What cannot
be made yet is tried again later; what fails its checks waits for a person.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.changes import Decided
from yijian.actions.filing import Dossier, case_basics, catalogue, files_of, item_basics
from yijian.documents.archive import checks
from yijian.documents.archive.holdings import CasePackage, ItemPackage, Packed, Step
from yijian.documents.archive.naming import package_name
from yijian.documents.archive.packing import pack_case, pack_item
from yijian.documents.offline_verifier import fingerprint
from yijian.domain.archiving import WHOLE, belongs, step_title
from yijian.domain.clocks import local_day
from yijian.domain.events import Event, EventKind
from yijian.records import archive, cases, documents, journal, mapping, proofs
from yijian.records.archive import CASE, MadePackage, Package

AT_ONCE = 10
MOST_BATCHES = 200
LATER = timedelta(minutes=1)
_log = logging.getLogger(__name__)
_FOUND_BY = frozenset({"id_number", "name", "certificate"})


class NotYetError(Exception):
    """A package cannot be made yet; the text is a code."""


@dataclass(frozen=True, slots=True)
class NodeSigner:
    """The node's signing key, as packages are signed with it."""

    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`."""
        return self.key.sign(data)

    @property
    def keys(self) -> dict[str, bytes]:
        """Itself, as a verifier wants it."""
        return {fingerprint(self.public): self.public}


def signer() -> NodeSigner:
    """This node's signer. Errors: OSError, ValueError without a usable key."""
    return NodeSigner(journal.node_key())


def make_packages(*, now: datetime) -> int:
    """Make what is due, a few at a time; how many were kept. In no transaction."""
    kept = 0
    for _ in range(MOST_BATCHES):
        claimed = archive.claim(limit=AT_ONCE, now=now)
        if not claimed:
            break
        kept += sum(_made_or_postponed(package, now) for package in claimed)
    return kept


def _made_or_postponed(package: Package, now: datetime) -> bool:
    try:
        return make(package, now=now)
    except NotYetError as reason:
        archive.postpone(package.id, problem=str(reason), not_before=now + LATER)
    except Exception as failure:
        # Whatever it was, the others must not wait for it, and a person must look.
        _log.exception("package %s could not be made", package.id)
        problem = f"failed_{type(failure).__name__}"
        archive.postpone(package.id, problem=problem, not_before=None)
    return False


def make(package: Package, *, now: datetime) -> bool:
    """Put one claimed package together, check it, keep it and journal it. Errors: NotYetError.

    False when it failed its checks and now waits for a person.
    """
    signed_by = signer()
    dossier = _dossier_of(package, signed_by, now)
    whole = package.scope == CASE
    packed = _case_package(dossier, signed_by) if whole else _item_package(dossier, signed_by)
    found = checks.examine(packed.data, stage=checks.Stage.FILING, keys=signed_by.keys)
    failed = [c.id for c in found if c.result is checks.Result.FAILED]
    if failed:
        problem = f"checks {' '.join(failed)}"
        archive.postpone(package.id, problem=problem, not_before=None)
        return False
    _keep(package, dossier, packed, now)
    return True


def _dossier_of(package: Package, signed_by: NodeSigner, now: datetime) -> Dossier:
    """Everything a package is made from. Errors: NotYetError."""
    (loaded,) = cases.read(ids=[package.case_id])
    if loaded.key is None:
        raise ValueError("the case was forgotten before it was archived")
    if proofs.sealed_up_to([package.case_id]).get(package.case_id, 0) < package.upto:
        raise NotYetError("journal_not_sealed")
    papers = [d for d in documents.of_case(package.case_id) if d.folder]
    if any(not paper.ready for paper in papers if _concerns(paper, package)):
        raise NotYetError("documents_not_ready")
    if package.scope == CASE:
        others = [p for p in archive.of_case(package.case_id) if p.scope != CASE]
        if any(other.state in ("waiting", "making", "needs_person") for other in others):
            raise NotYetError("items_not_archived")
    proof = proofs.proof_of(package.case_id, signed_by.key.public_key())
    if proof is None:
        raise NotYetError("journal_not_sealed")
    context = contexts.context_of(loaded.case)
    mine = tuple(paper for paper in papers if _concerns(paper, package))
    return Dossier(package, loaded, context, proof, mine, now)


def _concerns(paper: documents.Document, package: Package) -> bool:
    """Whether a document belongs into a package: of its item, or of the application as a whole."""
    if package.scope == CASE:
        return False
    return paper.item in ("", package.item) and paper.newborn in (0, package.newborn)


def _item_package(dossier: Dossier, signed_by: NodeSigner) -> Packed:
    package = dossier.package
    number = f"{package.case_number}-{package.newborn}"
    item = ItemPackage(
        name=package_name(package.item, number, local_day(package.ended_at)),
        basics=tuple(item_basics(dossier)),
        steps=_steps(dossier),
        files=tuple(files_of(dossier)),
        proof=_proof(dossier),
        made_at=dossier.now,
    )
    return pack_item(item, signed_by)


def _case_package(dossier: Dossier, signed_by: NodeSigner) -> Packed:
    package = dossier.package
    case = CasePackage(
        name=package_name(WHOLE, package.case_number, local_day(package.ended_at)),
        basics=tuple(case_basics(dossier)),
        steps=_steps(dossier),
        catalogue=tuple(catalogue(dossier, archive.of_case(package.case_id))),
        proof=_proof(dossier),
        made_at=dossier.now,
    )
    return pack_case(case, signed_by)


def _proof(dossier: Dossier) -> bytes:
    text = json.dumps(dossier.proof, ensure_ascii=False, sort_keys=True, indent=1)
    return text.encode()


def _steps(dossier: Dossier) -> tuple[Step, ...]:
    """How it was handled, told by those entries of the journal that the proof covers."""
    package = dossier.package
    key = None if package.scope == CASE else (package.item, package.newborn)
    return tuple(
        Step(
            entry.seq,
            entry.at,
            entry.kind,
            step_title(entry.event),
            entry.actor,
            *_states(entry.event),
        )
        for entry in journal.entries_of(package.case_id)
        if entry.seq in dossier.proven and belongs(entry.event, key)
    )


def _states(event: Event) -> tuple[str, str]:
    """The states of the item before and after, for the steps that move it."""
    if event.kind is not EventKind.TASK_MOVED:
        return "", ""
    return str(event.public["from"]), str(event.public["to"])


def _keep(package: Package, dossier: Dossier, packed: Packed, now: datetime) -> None:
    """The package, what finds it and its entry in the journal, in one transaction."""
    made = MadePackage(
        package.id,
        packed.name,
        packed.data,
        bytes.fromhex(packed.sm3),
        _described(dossier),
        _found_by(dossier),
    )
    with transaction.atomic():
        (loaded,) = cases.load(ids=[package.case_id])
        task = None if package.scope == CASE else (package.item, package.newborn)
        event = _made(package, packed, task, now)
        changes.commit([Decided(loaded, [event])], now=now)
        archive.keep(made, now=now)


def _made(package: Package, packed: Packed, task: tuple[str, int] | None, now: datetime) -> Event:
    public = {
        "package": str(package.id),
        "scope": package.scope,
        "sha256": hashlib.sha256(packed.data).hexdigest(),
        "sm3": packed.sm3,
        "bytes": packed.size,
    }
    return Event(EventKind.PACKAGE_MADE, now, "system", task=task, public=public)


def _described(dossier: Dossier) -> Mapping[str, str]:
    """What a list of packages shows, sealed."""
    basics = dict(dossier.basics)
    return {"title": basics["题名"], "number": basics["档号"], "names": "、".join(dossier.names)}


def _found_by(dossier: Dossier) -> frozenset[tuple[str, str]]:
    case = dossier.loaded.case
    child = dossier.package.newborn
    others = {
        str(fact.value)
        for facts in (case.answers, case.verified)
        for (_, subject), fact in facts.items()
        if child and subject not in (0, child) and isinstance(fact.value, str)
    }
    mine = {
        str(fact.value)
        for facts in (case.answers, case.verified)
        for (_, subject), fact in facts.items()
        if not child or subject in (0, child)
    }
    return frozenset(
        (purpose, value)
        for purpose, value in mapping.findable(case)
        if purpose in _FOUND_BY and (value in mine or value not in others)
    )
