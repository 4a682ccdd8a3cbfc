#!/usr/bin/env python3
"""Follow the transparency log of an Isnad server, and tell whether its history was rewritten.

    python verify_isnad.py https://isnad.example.org/ [--state FILE] [--key KEY] [--log-only]

It reads the whole log over HTTP, computes its tree again, and compares it with what the server
has signed, with what it said when you last asked (kept in FILE, `isnad-log.json` by default), and
with the changes, claims and verdicts that the server shows to everybody.

Ends with 0 when all is whole, 1 when something is not as it was logged, 2 when it could not tell.
It needs Python 3.9 or newer and the library `cryptography`, and nothing of Isnad itself.
Keep FILE: it is what nobody on the other side can change. docs/auditors.md explains the rest.

Formats: RFC 9162 (tree), C2SP tlog-tiles, tlog-checkpoint and signed-note, RFC 8785 (JSON).
"""

import argparse
import base64
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

API = "api/v1/"
SECONDS = 60
SETTLED = 2  # seconds after which what was done has its number
LEAF, NODE = b"\0", b"\1"
IDENTIFIED = ("type", "subject", "claim", "status", "language", "outcome", "recorded_at")
SHOWN = ("label", "rationale", "supersedes", "url", "title", "language", "date_published")
SHOWN += ("valid_until", "recheck_on")
OF_RATING = ("labels", "worst", "best", "value")
OF_CLAIM = ("kind", "text", "language", "speech", "stated_on")
OF_FACT = ("subject", "property", "value", "value_type", "unit", "approximate", "lower", "upper")
OF_PASSAGE = ("id", "snapshot", "exact", "prefix", "suffix", "start", "end")
# Of these, organizations show what happened to their own members alone.
INTERNAL = ("api_key.", "draft.", "invitation.", "member.", "webhook.")
OF_EVIDENCE = ("id", "url", "stance", "title", "quote", "archive_url", "derived_from")


class Undecided(Exception):
    """It cannot be told whether the log is whole."""


class Server:
    def __init__(self, address):
        self.base = urllib.parse.urljoin(address.rstrip("/") + "/", API)
        if urllib.parse.urlsplit(self.base).scheme not in ("http", "https"):
            raise Undecided("give the server's address: https://isnad.example.org/")

    def get(self, path):
        request = urllib.request.Request(
            urllib.parse.urljoin(self.base, path), headers={"Accept": "*/*"}
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError as wrong:
            raise Undecided("%s answers %d" % (request.full_url, wrong.code)) from None
        except (urllib.error.URLError, OSError) as wrong:
            raise Undecided(f"{request.full_url} cannot be read: {wrong}") from None

    def read(self, path):
        try:
            return json.loads(self.get(path))
        except ValueError:
            raise Undecided(f"{path} is not JSON") from None


# Signed notes


def verifier(text):
    """(name, key hash, public key) of a key as it is published."""
    name, key_hash, encoded = text.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    if key[:1] != b"\1" or sha256(name.encode() + b"\n" + key)[:4].hex() != key_hash:
        raise ValueError(text)
    return name, bytes.fromhex(key_hash), Ed25519PublicKey.from_public_bytes(key[1:])


def signed_by(note, keys):
    """The text of a note, and which of the keys have signed it."""
    text, separator, lines = note.rpartition("\n\n")
    text += "\n"
    if not separator:
        raise Undecided("what the server calls a checkpoint is none")
    found = []
    for line in lines.splitlines():
        _dash, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        for key in keys:
            known, key_hash, public = verifier(key)
            if (known, key_hash) == (name, signature[:4]):
                try:
                    public.verify(signature[4:], text.encode())
                except InvalidSignature:
                    raise Undecided(f"a signature of {name} is forged") from None
                found.append(key)
    return text, found


def statement(text):
    """(name of the log, size, root) of a checkpoint."""
    origin, size, root = text.split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


# The tree


def sha256(data):
    return hashlib.sha256(data).digest()


class Tree:
    """Leaves are appended; the root is known at every size."""

    def __init__(self):
        self.size = 0
        self.peaks = []

    def append(self, hashed):
        self.size += 1
        level = 0
        while self.peaks and self.peaks[-1][0] == level:
            hashed = sha256(NODE + self.peaks.pop()[1] + hashed)
            level += 1
        self.peaks.append((level, hashed))

    def root(self):
        if not self.peaks:
            return sha256(b"")
        hashed = self.peaks[-1][1]
        for _level, peak in reversed(self.peaks[:-1]):
            hashed = sha256(NODE + peak + hashed)
        return hashed


def tile_path(index, width):
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return path if width == 256 else "%s.p/%d" % (path, width)


def entries(server, size):
    """All entries of the log, in order."""
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        bundle = server.get("log/tile/entries/" + tile_path(index, width))
        at = 0
        for _ in range(width):
            length = int.from_bytes(bundle[at : at + 2], "big")
            yield bundle[at + 2 : at + 2 + length]
            at += 2 + length
        if at != len(bundle):
            raise Undecided("a bundle of entries cannot be read")


# What the server shows, against what was logged


def canonical(value):
    """JSON as RFC 8785 writes it, of texts, whole numbers, booleans and nulls."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def place(document, pointer):
    """The object or list that a JSON pointer leads into, and the last step."""
    *way, last = pointer.split("/")[1:]
    for step in way:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document, last


def hash_of(change, name):
    """The hash of `document` or `before` as the log has it; None where there is nothing to hash."""
    root = "/" + name
    salts, erased = change["salts"], change["erased"]
    if root in erased:
        return erased[root]
    if root not in salts:
        return None
    copy = json.loads(json.dumps({name: change[name]}))
    for pointer, salt in salts.items():
        if pointer.startswith(root + "/"):
            held, last = place(copy, pointer)
            held[last] = sha256(bytes.fromhex(salt) + held[last].encode()).hex()
    for pointer, hashed in erased.items():
        if pointer.startswith(root + "/"):
            held, last = place(copy, pointer)
            held[last] = hashed
    return sha256(bytes.fromhex(salts[root]) + canonical(copy[name])).hex()


def differing(change, logged):
    """The names under which a change that is shown differs from the entry that was logged."""
    shown = {name: change[name] for name in IDENTIFIED}
    shown["recorded_at"] = with_microseconds(shown["recorded_at"])
    shown["number"], shown["change"] = change["number"], change["id"]
    for name in ("organization", "recorded_by"):
        shown[name] = change[name] and change[name]["id"]
    wrong = [name for name in shown if shown[name] != logged.get(name)]
    withheld = change["document"] is None and not change["salts"] and not change["erased"]
    if withheld and change["type"].startswith(INTERNAL):
        return wrong  # shown to members of its organization alone
    for name in ("document", "before"):
        try:
            if hash_of(change, name) != logged.get(name):
                wrong.append(name)
        except (KeyError, IndexError, AttributeError, TypeError, ValueError):
            wrong.append(name)
    return wrong


def with_microseconds(instant):
    whole, _dot, fraction = instant.rstrip("Z").partition(".")
    return "{}.{}Z".format(whole, fraction.ljust(6, "0"))


class Record:
    """What the changes say of claims and verdicts, so far."""

    def __init__(self):
        self.filed = {}  # claim → the number of its filing
        self.words = {}  # claim → its document; None where it was erased
        self.passages = {}  # claim → the document of its first appearance
        self.tips = {}  # claim → organization → verdict as it was last told
        self.status = {}
        self.last = {}  # claim → the number of what last happened to it
        self.erased = []  # numbers

    def add(self, change):
        claim, kind, document = change["claim"], change["type"], change["document"]
        if change["erased"]:
            self.erased.append(change["number"])
        if claim is None:
            return
        self.status[claim], self.last[claim] = change["status"], change["number"]
        if kind == "claim.created":
            self.filed[claim], self.words[claim] = change["number"], document
        elif kind == "claim.edited":
            self.words[claim] = document
        elif kind == "appearance.added" and document and document["position"] == 0:
            self.passages[claim] = document
        elif kind in ("verdict.issued", "verdict.withdrawn"):
            self.tips.setdefault(claim, {})[change["organization"]["id"]] = change

    def faults(self, claim):
        """How a claim that is shown differs from what was logged of it."""
        key = claim["id"]
        if claim["status"] != self.status[key]:
            yield self.last[key], "status"
        if claim["number"] != self.filed[key]:
            yield self.filed[key], "it is shown with another number"
        wrong = self.words_that_differ(claim)
        if wrong:
            yield self.last[key], "the claim that is shown differs: " + ", ".join(wrong)
        yield from self.verdict_faults(claim)

    def words_that_differ(self, claim):
        wrong = []
        document, passage = self.words[claim["id"]], self.passages.get(claim["id"])
        if document is not None:
            wrong += [name for name in OF_CLAIM if claim[name] != document[name]]
            if (claim["speaker"] and claim["speaker"]["id"]) != document["speaker"]:
                wrong.append("speaker")
            if sorted(claim["asserts"]) != sorted(document["asserts"]):
                wrong.append("asserts")
            fact = claim["fact"] or dict.fromkeys(OF_FACT)
            wrong += [name for name in OF_FACT if fact[name] != document[name]]
        if passage is not None:
            shown = claim["appearance"] or dict.fromkeys(OF_PASSAGE)
            wrong += [name for name in OF_PASSAGE if shown[name] != passage[name]]
        return wrong

    def verdict_faults(self, claim):
        told = self.tips.get(claim["id"], {})
        standing = {
            organization: change
            for organization, change in told.items()
            if change["outcome"] != "withdrawn"
        }
        shown = {verdict["organization"]["id"]: verdict for verdict in claim["verdicts"]}
        for organization in standing.keys() - shown.keys():
            yield standing[organization]["number"], "its verdict is not shown"
        for organization, verdict in shown.items():
            change = standing.get(organization)
            if change is None:
                yield verdict["number"], "a verdict is shown that does not stand by the log"
            elif change["subject"] != verdict["id"]:
                yield change["number"], "an older verdict is shown in place of this one"
            else:
                wrong = verdict_that_differs(verdict, change)
                if wrong:
                    yield change["number"], "the verdict that is shown differs: " + ", ".join(wrong)


def verdict_that_differs(verdict, change):
    """Names; of an erased document only those that the change itself tells."""
    wrong = []
    if verdict["outcome"] != change["outcome"]:
        wrong.append("outcome")
    if verdict["number"] != change["number"]:
        wrong.append("number")
    by = change["recorded_by"] and change["recorded_by"]["id"]
    if (verdict["issued_by"] and verdict["issued_by"]["id"]) != by:
        wrong.append("issued_by")
    document = change["document"]
    if document is not None:
        # What an old change does not know of was not there yet.
        wrong += [name for name in SHOWN if verdict[name] != document.get(name)]
        confirmed_by = verdict["confirmed_by"] and verdict["confirmed_by"]["id"]
        if confirmed_by != document.get("confirmed_by"):
            wrong.append("confirmed_by")
        rating = document.get("rating")
        if verdict["rating"] != (rating and {name: rating[name] for name in OF_RATING}):
            wrong.append("rating")
        if with_microseconds(verdict["issued_at"]) != document["issued_at"]:
            wrong.append("issued_at")
        pieces = [{name: it[name] for name in OF_EVIDENCE} for it in document["evidence"]]
        if verdict["evidence"] != pieces:
            wrong.append("evidence")
    return wrong


class Progress:
    def __init__(self):
        self.shown = sys.stderr.isatty()

    def tell(self, what, done, total):
        if self.shown:
            sys.stderr.write("\r%s %d of %d\033[K" % (what, done, total))

    def end(self):
        if self.shown:
            sys.stderr.write("\r\033[K")


class Audit:
    def __init__(self, server, state):
        self.server = server
        self.state = state
        self.faults = []
        self.notes = []
        self.progress = Progress()

    def fault(self, number, what):
        self.faults.append(what if number is None else "number %d: %s" % (number, what))

    def run(self, log_only):
        about = self.server.read("log/")
        if not self.state["keys"]:
            self.state["keys"] = [key["verifier"] for key in about["keys"]][:1]
            print("trusting from now on: {}".format(self.state["keys"][0]))
        note = self.server.get("log/checkpoint").decode()
        self.learn_keys(about)
        text, signers = signed_by(note, self.state["keys"])
        if not signers:
            raise Undecided("the checkpoint is not signed by a key that you know")
        origin, size, root = statement(text)
        self.against_kept(origin, size)
        logged = self.leaves(size, root, about)
        if not self.faults and not log_only:
            self.shown(size, logged)
        if not self.faults:
            self.state.update(origin=origin, size=size, root=root.hex(), note=note)
        return size

    def learn_keys(self, about):
        """Trust a key that one we trust has signed for, by the checkpoint that covers both."""
        self.handovers = []
        for key in about["keys"]:
            if key["verifier"] in self.state["keys"] or not key["checkpoint"]:
                continue
            text, signers = signed_by(key["checkpoint"], self.state["keys"])
            if signers:
                _origin, size, root = statement(text)
                self.handovers.append((size, root))
                self.state["keys"].append(key["verifier"])

    def against_kept(self, origin, size):
        if self.state["origin"] not in (None, origin):
            self.fault(None, "the log calls itself {}, not {}".format(origin, self.state["origin"]))
        if size < self.state["size"]:
            self.fault(
                None,
                "the log has %d entries, but had %d when you last asked: it was set back"
                % (size, self.state["size"]),
            )

    def leaves(self, size, root, about):
        """Compute the tree again; the entries by their numbers."""
        tree, logged = Tree(), {}
        roots = {self.state["size"]: self.state["root"]}
        handovers = dict(self.handovers)
        for entry in entries(self.server, size):
            tree.append(sha256(LEAF + entry))
            number = tree.size
            logged[number] = json.loads(entry)
            if logged[number].get("number") != number:
                self.fault(number, "the entry is of another number")
            if number in roots and roots[number] != tree.root().hex():
                self.fault(
                    number, "up to here the log is not what it was when you last asked: rewritten"
                )
            if number in handovers and handovers[number] != tree.root():
                self.fault(number, "the checkpoint that hands over to a new key is of another log")
            self.progress.tell("entries", number, size)
        if tree.root() != root:
            self.fault(size, "the entries make another root than the signed one")
        return logged

    def shown(self, size, logged):
        """Compare changes and claims, as everybody reads them, with the log."""
        record, after = Record(), 0
        while after < size:
            page = self.server.read("changes/?page_size=200&after=%d" % after)
            for change in page["results"]:
                number = change["number"]
                if number > size:
                    break
                if number != after + 1:
                    self.fault(after + 1, "this change is not shown")
                wrong = differing(change, logged[number])
                if wrong:
                    self.fault(number, "this change is not as it was logged: " + ", ".join(wrong))
                record.add(change)
                after = number
            if not page["results"] or page["results"][-1]["number"] > size:
                break
            self.progress.tell("changes", after, size)
        if after < size:
            self.fault(after + 1, "from here on, changes are not shown")
        self.claims(record, size)

    def claims(self, record, size):
        path, seen = "claims/?page_size=200&ordering=created_at", set()
        filed = dict(record.filed)  # up to the checkpoint; what comes later is not asked for
        while path:
            page = self.server.read(path)
            for claim in page["results"]:
                seen.add(claim["id"])
                if claim["id"] in filed:
                    self.claim(record, claim)
                elif claim["number"] is not None and claim["number"] <= size:
                    self.fault(
                        claim["number"], f"claim {claim['id']}: the log knows of no such claim"
                    )
            self.progress.tell("claims", len(seen), len(filed))
            path = page["next"]
        for claim in filed.keys() - seen:
            self.fault(filed[claim], f"claim {claim} is not shown")
        for number in record.erased:
            self.notes.append(f"number {number}: something of it was erased; the rest was compared")

    def claim(self, record, claim):
        if not list(record.faults(claim)):
            return
        # Perhaps something has happened to it since: once that is logged, both are read once more.
        time.sleep(SETTLED)
        key = claim["id"]
        path = "changes/?page_size=200&claim=%s&after=%d" % (key, record.last[key])
        since = self.server.read(path)
        claim = self.server.read(f"claims/{key}/")
        for change in since["results"]:
            record.add(change)
        if any(verdict["number"] is None for verdict in claim["verdicts"]):
            self.notes.append(
                f"claim {key} shows a verdict that has no number yet: ask again later"
            )
            return
        for number, what in record.faults(claim):
            self.fault(number, f"claim {key}: {what}")


def load(path, keys):
    state = {"keys": [], "origin": None, "size": 0, "root": None, "note": None}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            state.update(json.load(file))
    state["keys"] = keys or state["keys"]
    return state


def save(path, state):
    """Whole or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1)
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(
        description="Tell whether the history of an Isnad server was rewritten."
    )
    parser.add_argument("server", help="its address, such as https://isnad.example.org/")
    parser.add_argument("--state", default="isnad-log.json", metavar="FILE")
    parser.add_argument("--key", action="append", help="a key that you trust, got elsewhere")
    parser.add_argument("--log-only", action="store_true", help="leave changes and claims out")
    asked = parser.parse_args()
    try:
        state = load(asked.state, asked.key)
        audit = Audit(Server(asked.server), state)
        size = audit.run(asked.log_only)
    except (Undecided, KeyError, IndexError, TypeError, ValueError) as wrong:
        print("cannot tell: %s" % (wrong or type(wrong).__name__))
        return 2
    finally:
        Progress().end()
    for line in audit.notes + audit.faults:
        print(line)
    if audit.faults:
        print("%d faults: this is not the history that was logged" % len(audit.faults))
        return 1
    save(asked.state, state)
    print("whole: %d entries, consistent with all that was seen before" % size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
