"""The Merkle tree of RFC 6962, section 2.1, over any number of leaves, with SHA-256.

A tree of n leaves is kept as its *compact range*: the roots of the perfect subtrees of which it is made, one for each
bit that is set in n, largest first. A leaf is appended in O(log n), and the root follows from the range.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256().digest()
"""Root of the tree without leaves."""


def hash_leaf(leaf: bytes) -> bytes:
    """Hash of a leaf. The prefix keeps a leaf from passing as a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash of a node with two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def compute_perfect_root(leaves: Sequence[bytes]) -> bytes:
    """Root over the hashes of leaves whose number is a power of two: many at once cost less than one by one."""
    nodes = leaves
    while len(nodes) > 1:
        nodes = [hash_node(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]


@dataclass(slots=True)
class CompactRange:
    """A growing tree, as the roots of its perfect subtrees."""

    size: int = 0
    """Leaves, or perfect subtrees of one size when those are appended."""
    peaks: list[bytes] = field(default_factory=list)
    """Largest subtree first."""

    def append(self, digest: bytes) -> None:
        """Append the hash of a leaf, or the root of the next perfect subtree."""
        carried = digest
        size = self.size
        # As in adding one to a binary number: every bit that is set carries over.
        while size & 1:
            carried = hash_node(self.peaks.pop(), carried)
            size >>= 1
        self.peaks.append(carried)
        self.size += 1

    def compute_root(self, smaller: Sequence[bytes] = ()) -> bytes:
        """The root. `smaller`: peaks of a range that follows this one, of subtrees smaller than any of this one."""
        peaks = [*self.peaks, *smaller]
        if not peaks:
            return EMPTY_ROOT
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = hash_node(peak, root)
        return root


GetSubtree = Callable[[int, int], bytes]
"""Gives the root of the tree over the leaves from one number to another, exclusive."""


def list_proof(index: int, size: int, get_subtree: GetSubtree) -> list[bytes]:
    """The inclusion proof of leaf `index` in a tree of `size` leaves: from its sibling up to a child of the root."""
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            path.append(get_subtree(middle, end))
            end = middle
        else:
            path.append(get_subtree(start, middle))
            start = middle
    path.reverse()
    return path


def compute_root_from_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root to which an inclusion proof leads from the hash of a leaf; None when it has not the right length.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, leaf
    for digest in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = hash_node(digest, root)
            # The last node of a level without a sibling moves up until it has one.
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            root = hash_node(root, digest)
        node >>= 1
        last >>= 1
    return root if last == 0 else None


def _largest_power_below(number: int) -> int:
    """The largest power of two that is smaller than a number above 1."""
    return 1 << ((number - 1).bit_length() - 1)
