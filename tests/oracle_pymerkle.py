"""Has pymerkle 7.0.0 judge a tree of ours: asked in JSON on stdin, fails where it does not agree.

Run by tests/test_merkle.py in an environment of its own: the licence of pymerkle is another, and
it must not become a dependency.

Its own verification takes our proofs of inclusion as they are, but hardly one of consistency: it
wants them laid out as it makes them, which is not how RFC 9162 does it. Of what follows the old
tree's last complete subtree, the RFC gives the hash, and pymerkle the path down to its first leaf.
These are the same where that is one leaf alone, as from each size to the next: such proofs of ours
it verifies, with two hashes in its own order. Of all others it computes both roots from our
hashes, which are put together here as section 2.1.4.2 of the RFC says; and its own proofs are held
against our roots.
"""

import json
import sys

from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, InvalidProof


def consistency(old: int, new: int, path: list[bytes]) -> ConsistencyProof:
    """Our proof as one of pymerkle's.

    rule: whether a hash of the path comes from the left (1) or from the right (0), in the place
    before its own. subset: whether it is of the old tree.
    """
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    from_left: list[int] = []
    for _ in path[1:]:
        from_left.append(int(bool(node & 1) or node == last))
        if from_left[-1]:
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last:
        raise InvalidProof("the proof is too short")
    ends = from_left[-1:]  # pymerkle's own end so; nothing is read from there
    return ConsistencyProof("sha256", True, new, old, from_left + ends, [1, *from_left], path)


def main() -> None:
    asked = json.load(sys.stdin)
    tree = InmemoryTree(algorithm="sha256")
    for entry in asked["entries"]:
        tree.append_entry(entry.encode())
    roots = {int(size): bytes.fromhex(root) for size, root in asked["roots"].items()}
    size = len(asked["entries"])
    for index, steps in asked["inclusion"].items():
        leaf = tree.get_leaf(int(index) + 1)
        theirs = tree.prove_inclusion(int(index) + 1, size)
        path = [leaf] + [bytes.fromhex(step) for step in steps]
        proof = InclusionProof("sha256", True, size, theirs.index, theirs.rule, path)
        proof.verify(leaf, roots[size], index=int(index) + 1, size=size)
    for old, root in roots.items():
        theirs = tree.prove_consistency(old, size)
        theirs.verify(root, roots[size], prior_size=old, later_size=size)
    for old, new, steps in asked["consistency"]:
        path = [bytes.fromhex(step) for step in steps]
        if old & (old - 1) == 0:  # the old tree is complete: its root is the first step, left out
            path.insert(0, roots[old])
        proof = consistency(old, new, path)
        if proof.retrieve_prior_state() != roots[old]:
            raise InvalidProof("Prior state does not match")
        if proof.compute_root() != roots[new]:
            raise InvalidProof("Later state does not match")
        if new == old + 1:
            verified(path, old, tree, roots)


def verified(path: list[bytes], old: int, tree: InmemoryTree, roots: dict[int, bytes]) -> None:
    """By pymerkle itself: of a proof from a size to the next."""
    theirs = tree.prove_consistency(old, old + 1)
    swapped = [path[1], path[0], *path[2:]]
    proof = ConsistencyProof("sha256", True, old + 1, old, theirs.rule, theirs.subset, swapped)
    proof.verify(roots[old], roots[old + 1], prior_size=old, later_size=old + 1)


main()
