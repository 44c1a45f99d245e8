"""Who calls: an access token or an API key in the Authorization header, as `Bearer …` (RFC 6750).

- What starts with `ck_` is an API key, everything else a token.
- A machine client that acts for a person names the person in `Chopbook-Acting-For`; both must be permitted.
- Every failed attempt is counted; a call without credentials is none.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from api.problem_codes import Code
from api.problems import Problem
from api.services import Services
from api.tokens import UnknownKey
from policies.errors import NotAuthenticated
from policies.model import Channel, Principal, PrincipalKind

ACTING_FOR: Final = b"chopbook-acting-for"
KEY_PREFIX: Final = "ck_"
CREDENTIALS_CHARACTERS_MAX: Final = 8192


def sign_in(services: Services, headers: Mapping[bytes, bytes], now: datetime) -> Principal:
    """Return the principal behind the credentials of a call.

    Raises:
        Problem: there are none, or they cannot be read, or the token is not valid.
        NotAuthenticated: nobody we know, or nobody who may still call.
        UnknownKey: the token names a signature key that is not known here yet: refresh, then try again.
    """
    authorization = headers.get(b"authorization")
    if authorization is None:
        raise Problem.of(Code.NOT_AUTHENTICATED)
    try:
        return _principal(services, _credentials(authorization), headers, now)
    except NotAuthenticated as failure:
        services.policies.record_failed_sign_in(failure, now=now)
        raise
    except Problem as problem:
        services.policies.record_failed_sign_in(problem.kind.code, now=now)
        raise


def sign_in_with_new_keys(services: Services, headers: Mapping[bytes, bytes], now: datetime) -> Principal:
    """As `sign_in`, once more after the keys were fetched anew. May block.

    Raises:
        Problem, NotAuthenticated: as `sign_in`; a key that stays unknown is counted too.
    """
    services.tokens.refresh(now)
    try:
        return sign_in(services, headers, now)
    except UnknownKey:
        services.policies.record_failed_sign_in(Code.TOKEN_INVALID.value, now=now)
        raise Problem.of(Code.TOKEN_INVALID) from None


def _credentials(authorization: bytes) -> str:
    scheme, _, credentials = authorization.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not credentials or not credentials.isascii():
        raise Problem.of(Code.CREDENTIALS_MALFORMED)
    if len(credentials) > CREDENTIALS_CHARACTERS_MAX:
        raise Problem.of(Code.CREDENTIALS_MALFORMED)
    return credentials


def _principal(services: Services, credentials: str, headers: Mapping[bytes, bytes], now: datetime) -> Principal:
    policies = services.policies
    if credentials.startswith(KEY_PREFIX):
        principal = policies.authenticate_key(credentials, now)
    else:
        claims = services.tokens.verify(credentials, now)
        principal = policies.principal(claims.subject, claims.signed_in, Channel.API)
    acting_for = headers.get(ACTING_FOR)
    if acting_for is None:
        return principal
    if principal.kind is not PrincipalKind.API_CLIENT:
        raise Problem.of(Code.ACTING_FOR_UNFIT)
    return policies.acting_for(principal, acting_for.decode("latin-1"))


__all__ = ["ACTING_FOR", "KEY_PREFIX", "UnknownKey", "sign_in", "sign_in_with_new_keys"]
