"""Access tokens: JWTs that prove who calls, and nothing else (RFC 7519, RFC 8725).

- One issuer, one audience and the algorithms are pinned by the operator, and each key is good for its own algorithms
  only; what the token's header says is compared, never followed.
- Embedded default: HS256 with a secret of this deployment, issued by `TokenIssuer`.
- With an identity provider: public-key algorithms with the keys of its JWKS (`api.jwks`), found by `kid`.
- Required claims: `iss`, `aud`, `sub`, `iat`, `exp`. Times are compared with the clock the caller hands in, give or take
  a leeway. `sub` is the id of a principal; roles and stores come from the policies, never from a token.
- `auth_time` says when its holder signed in; without it, `iat`. `amr` and `acr` say how, where they stand in it (`policies.step_up`).
- A verified token is remembered until it expires, so that a signature is checked once; a change of keys forgets all.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import jwt
from jwt.types import Options

from api.problem_codes import Code
from api.problems import Problem
from policies.model import SignIn

LEEWAY_S: Final = 30
HS256: Final = "HS256"
TOKEN_CHARACTERS_MAX: Final = 8192
SUBJECT_CHARACTERS_MAX: Final = 128
SECRET_BYTES_MIN: Final = 32
REMEMBERED_MAX: Final = 4096
METHODS_MAX: Final = 32

_OPTIONS: Final[Options] = {
    "require": ["iss", "aud", "sub", "iat", "exp"],
    # Times are checked here, against the clock that is handed in.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "enforce_minimum_key_length": True,
}


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key, and the algorithms its signatures may have."""

    key: Any
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    subject: str
    issued_at: datetime
    expires_at: datetime
    not_before: datetime | None
    token_id: str | None
    signed_in: SignIn


class KeySource(Protocol):
    """Where the keys that verify tokens come from."""

    def key(self, key_id: str | None) -> VerifyingKey | None:
        """Return the key of that id, or None if it is not known here. Never blocks."""

    def refresh(self, now: datetime) -> bool:
        """Fetch the keys anew if they may be fetched again by now; return whether that was done. May block.

        Raises:
            Problem: TOKEN_KEYS_UNAVAILABLE, and no key has been read so far.
        """


class Secret:
    """The one shared secret of the embedded default."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES_MIN:
            msg = f"token secret: expected at least {SECRET_BYTES_MIN} bytes, got {len(secret)}"
            raise ValueError(msg)
        self._key = VerifyingKey(secret, (HS256,))

    def key(self, key_id: str | None) -> VerifyingKey:
        """Return the secret, whatever the id."""
        return self._key

    def refresh(self, now: datetime) -> bool:
        """Do nothing: the secret does not change while the process runs."""
        return False


class UnknownKey(Exception):
    """The token names a key that is not known; `KeySource.refresh` may help."""


class TokenVerifier:
    """Verifies access tokens; safe to share between threads."""

    def __init__(self, keys: KeySource, *, issuer: str, audience: str, leeway_s: int = LEEWAY_S) -> None:
        self._keys = keys
        self._leeway = timedelta(seconds=leeway_s)
        self._issuer = issuer
        self._audience = audience
        self._jwt = jwt.PyJWT(_OPTIONS)
        self._remembered: dict[bytes, Claims] = {}

    def verify(self, token: str, now: datetime) -> Claims:
        """Return what the token says, if it is genuine, for us, and valid at `now`.

        Raises:
            UnknownKey: the key the token names is not known here; refresh and try again.
            Problem: TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID or TOKEN_FOR_SOMEBODY_ELSE.
        """
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._remembered.get(digest)
        if claims is None:
            claims = self._decoded(token)
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[digest] = claims
        _require_current(claims, now, self._leeway)
        return claims

    def refresh(self, now: datetime) -> bool:
        """Fetch the keys anew if that may help; return whether it was done. May block."""
        refreshed = self._keys.refresh(now)
        if refreshed:
            self._remembered.clear()
        return refreshed

    def _decoded(self, token: str) -> Claims:
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Problem.of(Code.TOKEN_INVALID)
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = self._keys.key(key_id if isinstance(key_id, str) else None)
            if key is None:
                raise UnknownKey
            claims = self._jwt.decode(
                token, key.key, algorithms=key.algorithms, audience=self._audience, issuer=self._issuer
            )
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            raise Problem.of(Code.TOKEN_FOR_SOMEBODY_ELSE) from None
        except (jwt.PyJWTError, ValueError, TypeError):
            # ValueError and TypeError: numbers and texts that the library converts before it looks at them.
            raise Problem.of(Code.TOKEN_INVALID) from None
        return _claims(claims)


def _claims(claims: dict[str, Any]) -> Claims:
    subject = claims["sub"]
    token_id = claims.get("jti")
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_CHARACTERS_MAX:
        raise Problem.of(Code.TOKEN_INVALID)
    issued_at, expires_at = _moment(claims["iat"]), _moment(claims["exp"])
    not_before = _moment(claims["nbf"]) if "nbf" in claims else None
    named = token_id if isinstance(token_id, str) else None
    return Claims(subject, issued_at, expires_at, not_before, named, _signed_in(claims, issued_at))


def _signed_in(claims: dict[str, Any], issued_at: datetime) -> SignIn:
    """When and how its holder signed in (OpenID Connect Core 2): never later than the token was issued."""
    at = min(_moment(claims["auth_time"]), issued_at) if "auth_time" in claims else issued_at
    methods, context = claims.get("amr", []), claims.get("acr", "")
    if not isinstance(context, str) or not isinstance(methods, list) or len(methods) > METHODS_MAX:
        raise Problem.of(Code.TOKEN_INVALID)
    if not all(isinstance(method, str) for method in methods):
        raise Problem.of(Code.TOKEN_INVALID)
    return SignIn(at, frozenset(methods), context)


def _moment(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Problem.of(Code.TOKEN_INVALID)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Problem.of(Code.TOKEN_INVALID) from None


def _require_current(claims: Claims, now: datetime, leeway: timedelta) -> None:
    if now >= claims.expires_at + leeway:
        raise Problem.of(Code.TOKEN_EXPIRED)
    if now < claims.issued_at - leeway or (claims.not_before is not None and now < claims.not_before - leeway):
        raise Problem.of(Code.TOKEN_NOT_YET_VALID)


class TokenIssuer:
    """Issues access tokens of the embedded default."""

    def __init__(self, secret: bytes, *, issuer: str, audience: str) -> None:
        Secret(secret)
        self._secret = secret
        self._issuer = issuer
        self._audience = audience

    def issue(self, principal_id: str, *, now: datetime, lifetime: timedelta, token_id: str) -> str:
        """Return a token for the principal, valid from `now` for `lifetime`."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": principal_id,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": token_id,
        }
        return jwt.encode(claims, self._secret, algorithm=HS256)
