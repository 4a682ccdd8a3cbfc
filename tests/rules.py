"""Who may do what next with a claim and a draft, said once more: by this the server is judged.

Nothing of the server is imported here. Each function gives the rule that forbids a move, by the
name that the API has for it, or None where the move is made.
"""

MOVES_OF_CLAIM = ("verify", "dispute", "leave_open", "withdraw", "draft")
MOVES_OF_DRAFT = ("edit", "confirm", "return", "withdraw")


def rule_of_claim(move: str, role: str, policy: str, *, stands: bool, drafted: bool) -> str | None:
    """policy: of the organization, as are `stands` (it has a verdict that stands) and `drafted` (it
    has a draft that is alive).
    """
    if role == "reader":
        return "role"
    if move == "withdraw" and not stands:
        return "nothing-stands"
    if move != "draft":
        return None if policy == "none" else "review-required"
    return "one-draft" if drafted else None


def rule_of_draft(
    move: str,
    role: str,
    policy: str,
    state: str,
    *,
    own: bool,
    orphaned: bool = False,
    hollow: bool = False,
    erased: bool = False,
    off_scale: bool = False,
) -> str | None:
    """state: of the draft. own: its author asks. orphaned: its author may not judge any more.
    hollow: it withdraws what does not stand. erased: what it said is gone. off_scale: its label is
    not on the scale.
    """
    if role == "reader":
        return "role"
    if state in ("confirmed", "withdrawn"):
        return "draft-is-closed"
    decides = move in ("confirm", "return")
    if decides and state == "returned":
        return "draft-is-returned"
    withdraws_for_them = move == "withdraw" and orphaned and role in ("editor", "admin")
    if not decides and not (own or withdraws_for_them):
        return "author-only"
    if decides and own:
        return "not-by-the-author"
    if decides and policy == "editor" and role == "checker":
        return "editor-confirms"
    if erased and move in ("edit", "confirm"):
        return "draft-is-erased"
    if move != "confirm":
        return None
    if hollow:
        return "nothing-stands"
    return "label-not-on-scale" if off_scale else None
