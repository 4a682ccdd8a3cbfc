"""Web Annotations that come in, one that is to be filed or files of many; Hypothesis' among them.

The vocabulary is fixed: a name means what the Web Annotation context means by it, whatever
`@context` says, and nothing is ever loaded.

Sources: W3C Web Annotation Data Model (Recommendation of 2017-02-23); the answers of Hypothesis'
API and the exports of its client.
"""

from claims.formats.annotations_in.documents import Source, records
from claims.formats.annotations_in.reading import Marks, read
from claims.formats.annotations_in.record import Annotation, Note, Reason, Record

__all__ = ["Annotation", "Marks", "Note", "Reason", "Record", "Source", "read", "records"]
