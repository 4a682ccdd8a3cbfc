"""Rows that serve a while and go: no part of the record."""

from django.db import models
from django.db.models.functions import Now

from claims.models.base import Disposable, Identified


class IdempotencyKey(Identified, Disposable):
    """The answer to a POST that carried an Idempotency-Key, kept for a day for its caller.

    body: NULL where it was erased; the key stays, so that the write is not carried out again.
    """

    member = models.ForeignKey("claims.Member", models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    request_digest = models.BinaryField(
        max_length=32, help_text="SHA-256 of method, path and body."
    )
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("member", "key", name="idempotency_key_unique"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]

    def __str__(self) -> str:
        return self.key


class RateCount(Disposable):
    """Requests of one caller in one minute, summed over all server processes."""

    caller = models.CharField(max_length=80, primary_key=True)
    minute = models.BigIntegerField(help_text="Minutes since 1970.")
    reads = models.BigIntegerField()
    writes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.caller} in {self.minute}"


class DossierEntry(Identified):
    """Which row an entry of an imported dossier became, so that importing it again adds nothing.

    digest: SHA-256 of the entry as imported, to tell when a dossier has changed since.
    """

    namespace = models.CharField(max_length=300)
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=300)
    organization = models.ForeignKey(
        "claims.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    subject_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "namespace",
                "kind",
                "key",
                "organization",
                nulls_distinct=False,
                name="dossier_entry_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.kind} {self.key}"


class ImportedClaim(models.Model):
    """By what a claim that came with a review is met again: its words and who said them.

    key: the MD5 of the speaker's id, if any, and the text in its loose form (`text.same`), as a
    UUID. One claim, imported by whomever, has one key.
    """

    key = models.UUIDField(primary_key=True)
    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.key)
