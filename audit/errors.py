"""Everything the pure core can raise.

* AuditError
  + NotCanonical            a value or bytes outside the canonical JSON profile
  + MalformedEntry          canonical, but not an entry or not a valid event
  + MalformedCommitment     a salt, field or value that cannot be committed to
  + MalformedKey            a key, key name or vkey that cannot be used
  + MalformedNote           bytes that are not a signed note
    - MalformedCheckpoint   a note text that is not a checkpoint
  + MalformedTree           a tree size or frontier that no tree can have
  + MalformedProof          text that is not a tlog-proof, or impossible sizes
  + MalformedTile           a tile path, tile or entry bundle that is not one
  + WrongLog                a checkpoint or entry of another log
  + InvalidProof            well formed, but it does not prove the claim
  + InvalidSignature        a signature by a known key is wrong
    - UntrustedNote         no known key signed the note

Messages say what, expected, got, in that order, and never quote a value which could be personal
data: they name the member, the index or the length.
"""

from __future__ import annotations


class AuditError(Exception):
    """Base of everything that `audit` raises."""


class _AtPath(AuditError):
    """A fault at one member of a JSON value.

    Attributes:
        path: RFC 6901 JSON pointer to the member, "" for the whole value.
        reason: what was expected and what was got.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[AuditError], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class NotCanonical(_AtPath):
    """The value or bytes are outside the canonical JSON profile."""


class MalformedEntry(_AtPath):
    """The value is not a valid event, or the bytes are not a valid entry."""


class MalformedCommitment(AuditError):
    """The salt, field name, value or digest cannot be part of a commitment."""


class MalformedKey(AuditError):
    """The key, key name or vkey cannot be used."""


class MalformedNote(AuditError):
    """The bytes are not a signed note."""


class MalformedCheckpoint(MalformedNote):
    """The note text is not a checkpoint."""


class MalformedTree(AuditError):
    """No tree has this size or this frontier."""


class MalformedProof(AuditError):
    """The text is not a tlog-proof, or no proof exists for these sizes."""


class MalformedTile(AuditError):
    """The path, tile or entry bundle does not follow tlog-tiles."""


class WrongLog(AuditError):
    """The checkpoint or entry belongs to another log."""


class InvalidProof(AuditError):
    """The proof does not prove the claim."""


class InvalidSignature(AuditError):
    """A signature by a known key does not verify."""


class UntrustedNote(InvalidSignature):
    """No known key signed the note."""
