"""What imports of other people's documents have in common: files and bodies that hold records, each
of which is taken, or refused with its reason.
"""

from claims.formats.importing.record import Refused, Unusable, Worded, refused
from claims.formats.importing.sources import Documents, Part

__all__ = ["Documents", "Part", "Refused", "Unusable", "Worded", "refused"]
