"""What the two clients raise, in our words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from storage.objects.errors import (
    ObjectDigestMismatch,
    ObjectError,
    ObjectExists,
    ObjectMissing,
    ObjectRefused,
    ObjectStoreUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING: Final = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "NoSuchUpload", "404", "MethodNotAllowed"})
_EXISTS: Final = frozenset({"PreconditionFailed", "412"})
_DIGEST: Final = frozenset({"BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "XAmzContentChecksumMismatch"})
_BUSY: Final = frozenset(
    {
        "InternalError",
        "SlowDown",
        "ServiceUnavailable",
        "RequestTimeout",
        "OperationAborted",
        "ConditionalRequestConflict",
        "ThrottlingException",
        "500",
        "502",
        "503",
        "504",
    }
)
CONFLICT: Final = frozenset({"ConditionalRequestConflict", "OperationAborted"})


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raises our errors for those of both clients. `what` names the object; no address or signature is repeated.

    Raises:
        ObjectError: of the kind that fits.
    """
    try:
        yield
    except ObjectError:
        raise
    except ClientError as error:
        raise _of_code(what, code_of(error)) from error
    except S3Error as error:
        raise _of_code(what, str(error.code)) from error
    except (BotoCoreError, HTTPError, ServerError, InvalidResponseError, OSError) as error:
        msg = f"{what}: expected an answer of the object store, got {type(error).__name__}"
        raise ObjectStoreUnavailable(msg) from error
    except (MinioException, ValueError) as error:
        msg = f"{what}: expected a call the object store takes, got {type(error).__name__}"
        raise ObjectRefused(msg) from error


def code_of(error: ClientError) -> str:
    """The store's own word for an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _of_code(what: str, code: str) -> ObjectError:
    if code in MISSING:
        return ObjectMissing(f"{what}: expected it in the object store, got {code}")
    if code in _EXISTS:
        return ObjectExists(f"{what}: expected an unused key, got one in use")
    if code in _DIGEST:
        return ObjectDigestMismatch(f"{what}: expected the store to receive what was sent, got {code}")
    if code in _BUSY:
        return ObjectStoreUnavailable(f"{what}: expected the object store to answer, got {code}")
    return ObjectRefused(f"{what}: expected the object store to allow it, got {code or 'no reason'}")
