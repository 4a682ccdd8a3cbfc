"""Signed notes and checkpoints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.signed_notes import Checkpoint, NoteInvalid, Signer, Verifier, open_note, sign

# The example of golang.org/x/mod/sumdb/note, which C2SP signed-note describes.
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    TEXT + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgK"
    "vqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_published_note_is_opened_and_signed_alike() -> None:
    assert open_note(NOTE, [Verifier(VERIFIER)])[0] == TEXT
    signer = Signer(SIGNER)
    assert signer.verifier == VERIFIER
    assert sign(TEXT, [signer]) == NOTE


def test_a_note_of_two_signers_is_opened_by_who_knows_either() -> None:
    one, other = Signer.generate("example.org/log"), Signer.generate("example.org/log")
    note = sign(TEXT, [one, other])
    for signer in (one, other):
        text, signed = open_note(note, [Verifier(signer.verifier)])
        assert (text, [it.text for it in signed]) == (TEXT, [signer.verifier])
    both = [Verifier(one.verifier), Verifier(other.verifier)]
    assert open_note(note, both)[1] == both


def test_a_note_that_nobody_known_has_signed_is_refused() -> None:
    stranger = Signer.generate("example.org/log")
    with pytest.raises(NoteInvalid, match="nobody who is known"):
        open_note(NOTE, [Verifier(stranger.verifier)])


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 7))
def test_whichever_bit_is_turned_the_note_is_refused_or_reads_the_same(at: int, bit: int) -> None:
    turned = bytearray(NOTE.encode())
    turned[at] ^= 1 << bit
    try:
        text, _signed = open_note(turned.decode(), [Verifier(VERIFIER)])
    except (NoteInvalid, UnicodeDecodeError):
        return
    assert text == TEXT  # a bit that base64 does not use


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE + "x",
        NOTE.replace("\u2014", "-"),
        NOTE.replace("PeterNeumann x", "PeterNeumann  x"),
        NOTE.replace("=\n", "!\n"),
        TEXT + "\n\u2014 PeterNeumann x08g\n",
        NOTE.replace("your", "your\t"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("your", "\ud800"),
        NOTE + "\u2014 stranger\x00 AAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteInvalid):
        open_note(note, [Verifier(VERIFIER)])


@pytest.mark.parametrize(
    "key",
    [
        "",
        "PeterNeumann",
        VERIFIER.replace("c74f20a3", "c74f20a4"),
        VERIFIER.replace("Peter", "Petra"),
        VERIFIER.replace("PeterNeumann", "Peter Neumann"),
        VERIFIER[:-4],
        VERIFIER.replace("+ARpc", "+Appc"),
    ],
)
def test_what_is_no_public_key_is_refused(key: str) -> None:
    with pytest.raises(NoteInvalid):
        Verifier(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        VERIFIER,
        SIGNER.replace("c74f20a3", "c74f20a4"),
        SIGNER[:-4],
        SIGNER.replace("+AY", "+BY"),
    ],
)
def test_what_is_no_private_key_is_refused(key: str) -> None:
    with pytest.raises(NoteInvalid):
        Signer(key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_key_has_a_name_without_spaces_and_plus(name: str) -> None:
    with pytest.raises(NoteInvalid):
        Signer.generate(name)


@pytest.mark.parametrize("text", ["", "text", "a\tb\n", "a\r\n", "\ud800\n"])
def test_a_text_that_could_not_be_opened_again_cannot_be_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        sign(text, [Signer(SIGNER)])


def test_nobody_signs_no_note() -> None:
    with pytest.raises(NoteInvalid, match="one key at least"):
        sign(TEXT, [])


# Checkpoints


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_can_be_read_again(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("example.org/isnad", size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint
    assert Checkpoint.parse(checkpoint.text() + "an extension\n") == checkpoint


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"log\n01\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n\u0661\n{ROOT}\n",
        f"log\nx\n{ROOT}\n",
        f"log\n1{'0' * 20}\n{ROOT}\n",
        "log\n1\nAAAA\n",
        "log\n1\n*\n",
        f"log\n1\n{'A' * 42}B=\n",
        f"log\n1\n{ROOT}\n\n",
        f"log\n1\n{ROOT}\n\nan extension\n",
        f"lo\rg\n1\n{ROOT}\n",
        "log\n1\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(text)
