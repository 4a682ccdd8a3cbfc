"""What the tables share."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

Row = TypeVar("Row", bound=models.Model)


def partial(model: type[Row], **columns: Any) -> Row:
    """A row of which these columns alone are known; made in a fifth of the time of a whole one."""
    names = [it.attname for it in model._meta.concrete_fields if it.attname in columns]
    return model.from_db(None, names, [columns[name] for name in names])


class UUID7(models.Func):
    """A new UUIDv7 made by the database, for COPY and plain SQL; the ORM makes its own.

    Source: RFC 9562, section 5.7 and 6.2 (method 3); `sql/uuid7_v1.sql`.
    """

    function = "claims_uuid7"
    output_field = models.UUIDField()


class SameAs(models.Func):
    """A hash of the loose form of a text (`text.same`), to find what is written otherwise.

    Hashed since an index row holds 2,700 bytes, and a name of 300 letters may have more.
    Source: `sql/same_v1.sql`.
    """

    template = "md5(claims_same_v1(%(expressions)s))"
    output_field = models.TextField()


class PageOf(models.Func):
    """A hash of an address without what follows `#`; an index row may be too short for itself."""

    template = "md5(split_part(%(expressions)s, '#', 1))"
    output_field = models.TextField()


class Identified(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)

    class Meta:
        abstract = True


class Recorded(Identified):
    """A row that says since when it is known and through whom.

    `created_by` is null for what an operator or a set-up command made.
    """

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        "claims.Member", models.PROTECT, null=True, related_name="+", editable=False, db_index=False
    )

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A row that can be edited; `version` counts the edits, and entity tags are made of it."""

    version = models.PositiveBigIntegerField(db_default=1, editable=False)

    class Meta:
        abstract = True


class AppendOnly(models.Model):
    """A row that is never updated or deleted: triggers refuse it, whoever asks.

    The web role is not even granted it (`sql/grants.py`).
    """

    class Meta:
        abstract = True


class Chains(models.QuerySet[Row]):
    """Of rows each of which may supersede an earlier one, by `supersedes`.

    withdrawal: what the row has that takes back the one before it.
    """

    withdrawal: Mapping[str, Any]

    def tips(self) -> Self:
        """The last of each chain: what no other one supersedes."""
        later = self.model._default_manager.filter(supersedes=models.OuterRef("pk"))
        return self.filter(~models.Exists(later))

    def standing(self) -> Self:
        """The tips that are no withdrawal."""
        return self.tips().exclude(**self.withdrawal)


class Disposable(models.Model):
    """Housekeeping, not record: the only rows that the web role may delete."""

    class Meta:
        abstract = True


class Derived(models.Model):
    """What triggers make of the record, for reading alone: the web role cannot write it."""

    class Meta:
        abstract = True
