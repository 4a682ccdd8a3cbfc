"""The log in tests: numbering what a test has written, without a process beside it."""

from functools import cache

from claims.actions.log_keys import Keys
from claims.actions.sequencing import Sequencer
from claims.queries.tree import Edge
from claims.signed_notes import Signer


@cache
def signer() -> Signer:
    return Signer.generate("tests.example/isnad")


def numbered() -> int:
    """Give all Changes of the test their numbers; how many there were."""
    sequencer = Sequencer(Keys(None, signer().private))
    total = 0
    while step := sequencer.step():
        total += step
    return total


def sign_what_is_left() -> None:
    """Sign the log as it stands: what somebody does who has cut it off, and has the key."""
    Sequencer(Keys(None, signer().private))._sign(Edge.stored(), [signer()])
