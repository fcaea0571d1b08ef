"""核查: whether everything the records say is true, and exactly what is not.

Every case is rebuilt from its journal and compared with what is stored; every chain, the tree over
all of them and every signed checkpoint are computed again; the invariants of the domain are asked.
Nothing is changed. A case that seems wrong is looked at once more under its lock, because it may
have changed between reading its rows and its journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.db import transaction

from yijian.actions import contexts
from yijian.domain.cases import Case, progress
from yijian.domain.invariants import history_violations, time_violations, violations
from yijian.domain.states import TaskState
from yijian.ops.verify_archive import archive_faults
from yijian.ops.verify_documents import document_faults
from yijian.ops.verify_papers import book_faults, stock_faults
from yijian.ops.verify_policy import policy_faults
from yijian.ops.verify_sheets import batch_faults, sheet_faults
from yijian.ops.verify_witnesses import witness_faults
from yijian.records import books, cases, histories, journal, tree
from yijian.records.crypto import SealBroken
from yijian.records.histories import History
from yijian.records.mapping import LoadedCase


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be, and where."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Report:
    """What was looked at, and every fault found."""

    cases: int = 0
    entries: int = 0
    leaves: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One line."""
        verdict = (
            "全部属实 all true"
            if not self.faults
            else f"{len(self.faults)} 处不符 {len(self.faults)} faults"
        )
        return (
            f"{self.cases} 办件 cases · {self.entries} 日志 entries · {self.leaves} 叶 leaves · "
            f"{self.checkpoints} 检查点 checkpoints: {verdict}"
        )


def verify(*, public_keys: dict[str, Ed25519PublicKey] | None = None) -> Report:
    """Look at everything once. `public_keys` are those that may have signed, by fingerprint."""
    report = Report()
    for history in histories.histories():
        report.cases += 1
        report.entries += len(history.entries)
        faults = list(case_faults(history))
        if faults:
            faults = list(case_faults(_again(history.case_id)))
        report.faults += faults
    known = node_keys() if public_keys is None else public_keys
    report.faults += tree_faults(report, known)
    report.faults += [Fault(where, what) for where, what in witness_faults()]
    report.faults += [Fault(where, what) for where, what in document_faults()]
    report.faults += [Fault(where, what) for where, what in archive_faults(known)]
    for sentence, where in histories.contradictions():
        report.faults.append(Fault(where, sentence))
    report.entries += sum(len(book.entries) for book in books.books())
    for check in (book_faults, stock_faults, sheet_faults, batch_faults, policy_faults):
        report.faults += [Fault(where, what) for where, what in check()]
    return report


def _again(case_id: UUID) -> History:
    with transaction.atomic():
        try:
            (loaded,) = cases.load(ids=[case_id])
        except SealBroken as broken:
            return History(case_id, None, journal.entries_of(case_id), str(broken))
        return History(case_id, loaded, journal.entries_of(case_id))


def case_faults(history: History) -> Iterator[Fault]:
    """What is wrong with one case: its chain, its replay, its invariants."""
    where = f"case {history.case_id}"
    broken = [Fault(where, fault) for fault in journal.chain_faults(history.entries)]
    yield from broken
    if history.loaded is None:
        yield Fault(where, f"its sealed data do not open ({history.problem})")
        return
    where = f"case {history.loaded.case.number}"
    if broken:
        return
    events = [entry.event for entry in history.entries]
    for sentence in (*_replay_faults(history.loaded, history), *_history_faults(history)):
        yield Fault(where, sentence)
    for sentence in time_violations(events):
        yield Fault(where, sentence)
    if history.loaded.key is not None:
        for sentence in _policy_faults(history.loaded.case):
            yield Fault(where, sentence)


def _policy_faults(case: Case) -> list[str]:
    try:
        context = contexts.context_of(case)
    except contexts.NoPackError:
        return [f"the policy it is pinned to ({case.pack} {case.pack_version}) is not kept here"]
    return violations(case, context)


def _history_faults(history: History) -> Iterator[str]:
    yield from history_violations(entry.event for entry in history.entries)


def _replay_faults(loaded: LoadedCase, history: History) -> Iterator[str]:
    """I5: what the journal tells and what is stored, where they differ."""
    case = loaded.case
    if len(history.entries) != case.version:
        yield f"I5 it counts {case.version} events, its journal has {len(history.entries)}"
        return
    try:
        replayed = journal.replayed(case, history.entries)
    except (KeyError, ValueError) as unreadable:
        yield f"I5 its journal cannot be replayed: {unreadable!r}"
        return
    told, stored = progress(replayed), progress(case)
    for name, value in stored.items():
        if name != "tasks" and told[name] != value:
            yield f"I5 {name} is not what the journal tells"
    for key in sorted({*replayed.tasks, *case.tasks}):
        then, now = replayed.tasks.get(key), case.tasks.get(key)
        if then != now:
            yield (
                f"I5 task {key[0]}/{key[1]} is {_state(now)}, the journal tells {_state(then)}"
                + ("" if _state(now) != _state(then) else " with other details")
            )


def _state(task: object) -> str:
    state = getattr(task, "state", None)
    return state.value if isinstance(state, TaskState) else "absent"


def tree_faults(report: Report, public_keys: dict[str, Ed25519PublicKey]) -> Iterator[Fault]:
    """What is wrong with the tree and its checkpoints; counts them in the report."""
    checkpoints = sorted(journal.checkpoints(), key=lambda checkpoint: checkpoint.size)
    stream = histories.leaves()
    edge: list[bytes] = []
    size = 0
    for checkpoint in checkpoints:
        report.checkpoints += 1
        where = f"checkpoint {checkpoint.size}"
        leaves: list[bytes] = []
        for leaf in islice(stream, checkpoint.size - size):
            if leaf.position != size + len(leaves):
                yield Fault(f"leaf {size + len(leaves)}", "is missing")
            if leaf.entry is None:
                yield Fault(f"leaf {leaf.position}", f"entry {leaf.seq} of {leaf.case_id} is gone")
            elif leaf.entry != leaf.hash:
                yield Fault(
                    f"leaf {leaf.position}", f"entry {leaf.seq} of {leaf.case_id} was rewritten"
                )
            leaves.append(tree.leaf_hash(leaf.hash))
        edge, size = tree.grown(edge, size, leaves)
        report.leaves = size
        if size != checkpoint.size:
            yield Fault(where, f"covers {checkpoint.size} entries, the tree has {size}")
            return
        if tree.root_of(edge) != checkpoint.root:
            yield Fault(where, "its root is not the root of the tree")
        yield from _signature_faults(where, checkpoint, public_keys)
    beyond = sum(1 for _ in stream)
    report.leaves += beyond
    if beyond:
        yield Fault("tree", f"{beyond} leaves lie beyond the newest checkpoint")


def _signature_faults(
    where: str, checkpoint: journal.SignedRoot, public_keys: dict[str, Ed25519PublicKey]
) -> Iterator[Fault]:
    key = public_keys.get(checkpoint.signer)
    if key is None:
        yield Fault(where, f"was signed by an unknown key {checkpoint.signer}")
        return
    try:
        key.verify(checkpoint.signature, checkpoint.text)
    except InvalidSignature:
        yield Fault(where, "its signature is not valid")


def node_keys() -> dict[str, Ed25519PublicKey]:
    """The public keys this node has signed with: the present one and those kept as retired.

    `CODE.pub.pem` and `CODE.*.pub.pem` in the keys folder, and the one of the private key itself.
    """
    found = []
    if settings.YIJIAN.signing_key_path.exists():
        found.append(journal.node_key().public_key())
    for path in sorted(settings.YIJIAN.keys_folder.glob(f"{settings.YIJIAN.node}*.pub.pem")):
        key = load_pem_public_key(path.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            found.append(key)
    return {journal.fingerprint(key): key for key in found}
