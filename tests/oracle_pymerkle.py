"""Has pymerkle 7.0.0 judge a tree of ours: asked in JSON on stdin, fails where it does not agree.

Run by tests/test_merkle.py in an environment of its own: the licence of pymerkle is another, and
it must not become a dependency.
"""

import json
import sys

from pymerkle import InclusionProof, InmemoryTree

asked = json.load(sys.stdin)
tree = InmemoryTree(algorithm="sha256")
for entry in asked["entries"]:
    tree.append_entry(entry.encode())
size = len(asked["entries"])
root = bytes.fromhex(asked["roots"][str(size)])
for index, steps in asked["inclusion"].items():
    leaf = tree.get_leaf(int(index) + 1)
    theirs = tree.prove_inclusion(int(index) + 1, size)
    path = [leaf] + [bytes.fromhex(step) for step in steps]
    proof = InclusionProof("sha256", True, size, theirs.index, theirs.rule, path)
    proof.verify(leaf, root, index=int(index) + 1, size=size)
for old, its_root in asked["roots"].items():
    proof = tree.prove_consistency(int(old), size)
    proof.verify(bytes.fromhex(its_root), root, prior_size=int(old), later_size=size)
