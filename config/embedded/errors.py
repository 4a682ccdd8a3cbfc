"""The one error of this package, and what to tell the person who meets it."""

_REMEDIES = (
    (
        ("No space left on device", "Disk quota exceeded"),
        "The disk is full: free some space where {directory} is, and start again.",
    ),
    (
        ("Read-only file system",),
        "{directory} is on a read-only file system: choose another folder with ISNAD_DATA_DIR.",
    ),
    (
        ("Permission denied", "Operation not permitted", "invalid permissions", "wrong ownership"),
        "The operating system refused access to {directory}: correct the rights or the owner of "
        "what the lines below name, or choose another folder with ISNAD_DATA_DIR.",
    ),
    (
        ("database files are incompatible",),
        "The files in {directory} were written by another version of PostgreSQL.",
    ),
    (
        (
            "error while loading shared libraries",
            "cannot execute binary file",
            "Exec format error",
            "GLIBC_",
            "not found (required by",
        ),
        "The PostgreSQL that comes with Isnad does not run on this machine: "
        "install PostgreSQL 15 or newer and name it in DATABASE_URL.",
    ),
)
_NO_REMEDY = (
    "The lines below are the end of its log; the whole log is in {directory}. "
    "Instead of it you can use a PostgreSQL of your own: name it in DATABASE_URL."
)


class CannotStart(Exception):
    """The database cannot be used; the text says why and what to do.

    log: the end of the server's own log, or empty.
    """

    def __init__(self, message: str, *, log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log = log

    def __str__(self) -> str:
        return f"{self.message}\n{self.log}" if self.log else self.message


def remedy(log: str, directory: object) -> str:
    """One or two sentences saying what to do about a failure that left this log."""
    for signs, advice in _REMEDIES:
        if any(sign in log for sign in signs):
            return advice.format(directory=directory)
    return _NO_REMEDY.format(directory=directory)
