"""The tree over the journal (RFC 6962): leaves, perfect subtrees and the root. Values only.

The *edge* of a tree is the list of its perfect subtrees from left to right; it is all that is
needed to add leaves and to know the root.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one leaf, given what it holds."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(edge: Sequence[bytes], size: int, leaves: Iterable[bytes]) -> tuple[list[bytes], int]:
    """The edge and size of a tree after more leaves (already hashed).

    >>> grown([], 0, [leaf_hash(b"a")])[1]
    1
    """
    new = list(edge)
    for leaf in leaves:
        new.append(leaf)
        complete = size
        while complete & 1:
            right = new.pop()
            new.append(node_hash(new.pop(), right))
            complete >>= 1
        size += 1
    return new, size


def root_of(edge: Sequence[bytes]) -> bytes:
    """The root of a tree with this edge."""
    if not edge:
        return EMPTY_ROOT
    root = edge[-1]
    for subtree in reversed(edge[:-1]):
        root = node_hash(subtree, root)
    return root


def audit_path(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """The hashes that prove the leaf at `position` (already hashed leaves)."""
    if len(leaves) <= 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if position < split:
        return [*audit_path(leaves[:split], position), _whole(leaves[split:])]
    return [*audit_path(leaves[split:], position - split), _whole(leaves[:split])]


def _whole(leaves: Sequence[bytes]) -> bytes:
    edge, _ = grown([], 0, leaves)
    return root_of(edge)


def root_from_path(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a proof leads to (RFC 9162, 2.1.3.2). Errors: ValueError for a wrong length."""
    node, last, root = position, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is longer than the tree is high")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ValueError("the proof is shorter than the tree is high")
    return root


def is_consistent(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a tree of `second` leaves continues one of `first` leaves (RFC 9162, 2.1.4.2).

    Every tree continues the empty one, and itself; both need an empty proof.
    """
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        return not proof and (first == 0 or first_root == second_root)
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
