"""Access tokens: whose, for whom, until when, and by which key."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from api.jwks import Jwks, JwksError, from_file, from_url, parse_jwks
from api.problems import Problem
from api.tokens import Secret, TokenIssuer, TokenVerifier, UnknownKey
from storage.outbound import DeclaredHosts

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = b"0123456789abcdef0123456789abcdef"
CLAIMS = {
    "iss": "https://id.test",
    "aud": "chopbook",
    "sub": "p_2a2a2a2a2a2a2a2a",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(hours=1)).timestamp()),
}


def verifier(**changes: Any) -> TokenVerifier:
    return TokenVerifier(**{"keys": Secret(SECRET), "issuer": "https://id.test", "audience": "chopbook", **changes})


def token(key: Any = SECRET, algorithm: str = "HS256", headers: Any = None, **claims: Any) -> str:
    found = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode(found, key, algorithm=algorithm, headers=headers)


def refusal(text: str, at: datetime = NOW, by: TokenVerifier | None = None) -> str:
    with pytest.raises(Problem) as caught:
        (by or verifier()).verify(text, at)
    return caught.value.kind.code


def test_a_token_of_ours_says_who_calls() -> None:
    issuer = TokenIssuer(SECRET, issuer="https://id.test", audience="chopbook")

    claims = verifier().verify(issuer.issue("p_x", now=NOW, lifetime=timedelta(minutes=5), token_id="t1"), NOW)

    assert (claims.subject, claims.token_id, claims.expires_at) == ("p_x", "t1", NOW + timedelta(minutes=5))


def test_a_token_expires_even_when_it_is_remembered() -> None:
    mine = verifier()
    mine.verify(token(), NOW)

    assert mine.verify(token(), NOW + timedelta(minutes=60)).subject == CLAIMS["sub"]
    assert refusal(token(), NOW + timedelta(minutes=60, seconds=30), mine) == "token_expired"


def test_the_leeway_is_the_operators() -> None:
    assert refusal(token(), NOW + timedelta(minutes=60), verifier(leeway_s=0)) == "token_expired"


def test_a_token_of_tomorrow_is_not_valid_yet() -> None:
    later = int((NOW + timedelta(seconds=31)).timestamp())

    assert refusal(token(nbf=later)) == "token_not_yet_valid"
    assert refusal(token(iat=later)) == "token_not_yet_valid"


@pytest.mark.parametrize("position", [5, 60, -1])
def test_an_altered_token_is_refused(position: int) -> None:
    text = token()
    letter = "A" if text[position] != "A" else "Q"

    altered = text[:position] + letter + (text[position + 1 :] if position != -1 else "")

    assert refusal(altered) == "token_invalid"


def test_a_token_for_somebody_else_is_refused() -> None:
    assert refusal(token(aud="another")) == "token_for_somebody_else"
    assert refusal(token(iss="https://evil.test")) == "token_for_somebody_else"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "iat", "exp"])
def test_every_claim_we_rely_on_is_required(claim: str) -> None:
    absent: dict[str, Any] = {claim: None}

    assert refusal(token(**absent)) in {"token_invalid", "token_for_somebody_else"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": float("nan")},
        {"iat": []},
        {"nbf": {}},
        {"sub": 7},
        {"sub": ""},
        {"sub": "x" * 129},
    ],
)
def test_claims_of_the_wrong_kind_are_refused(claims: dict[str, Any]) -> None:
    assert refusal(token(**claims)) == "token_invalid"


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "....", "é" * 10, "x" * 10_000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert refusal(text) == "token_invalid"


def test_a_token_that_asks_for_no_signature_is_refused() -> None:
    assert refusal(token(None, "none")) == "token_invalid"


def test_a_weak_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 32 bytes, got 31"):
        Secret(SECRET[:31])


# --------------------------------------------------------------------------- key sets


@pytest.fixture(scope="module")
def rsa_key() -> RSAPrivateKey:
    return generate_rsa_key(public_exponent=65537, key_size=2048)


def members(key: RSAPrivateKey | Ed25519PrivateKey, key_id: str, **more: str) -> dict[str, Any]:
    if isinstance(key, RSAPrivateKey):
        shown = RSAAlgorithm.to_jwk(key.public_key())
    else:
        shown = OKPAlgorithm.to_jwk(key.public_key())
    return {**json.loads(shown), "kid": key_id, **more}


def key_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_keys_of_an_identity_provider_verify_its_tokens(rsa_key: RSAPrivateKey) -> None:
    edwards = Ed25519PrivateKey.generate()
    source = Jwks(lambda: key_set(members(rsa_key, "r"), members(edwards, "e")), ["RS256", "EdDSA"])
    source.refresh(NOW)
    theirs = verifier(keys=source)

    assert theirs.verify(token(rsa_key, "RS256", {"kid": "r"}), NOW).subject == CLAIMS["sub"]
    assert theirs.verify(token(edwards, "EdDSA", {"kid": "e"}), NOW).subject == CLAIMS["sub"]
    assert refusal(token(edwards, "EdDSA", {"kid": "r"}), by=theirs) == "token_invalid"


def test_a_public_key_is_never_a_secret(rsa_key: RSAPrivateKey) -> None:
    source = Jwks(lambda: key_set(members(rsa_key, "r")), ["RS256"])
    source.refresh(NOW)

    forged = token(SECRET, "HS256", {"kid": "r"})

    assert refusal(forged, by=verifier(keys=source)) == "token_invalid"


def test_only_the_pinned_algorithms_are_taken(rsa_key: RSAPrivateKey) -> None:
    source = Jwks(lambda: key_set(members(rsa_key, "r")), ["RS256"])
    source.refresh(NOW)

    assert refusal(token(rsa_key, "RS512", {"kid": "r"}), by=verifier(keys=source)) == "token_invalid"


def test_an_unknown_key_asks_for_a_refresh_which_happens_at_most_twice_a_minute(rsa_key: RSAPrivateKey) -> None:
    reads: list[bytes] = []
    sets = [key_set(members(rsa_key, "old")), key_set(members(rsa_key, "new"))]

    def fetch() -> bytes:
        reads.append(b"")
        return sets[min(len(reads), 2) - 1]

    source = Jwks(fetch, ["RS256"])
    source.refresh(NOW)
    theirs = verifier(keys=source)
    fresh = token(rsa_key, "RS256", {"kid": "new"})

    with pytest.raises(UnknownKey):
        theirs.verify(fresh, NOW)
    assert not theirs.refresh(NOW + timedelta(seconds=29))
    assert theirs.refresh(NOW + timedelta(seconds=30))

    assert theirs.verify(fresh, NOW).subject == CLAIMS["sub"]
    with pytest.raises(UnknownKey):
        theirs.verify(token(rsa_key, "RS256", {"kid": "old"}), NOW)


def test_keys_stay_in_use_while_the_provider_is_away_for_an_hour(rsa_key: RSAPrivateKey) -> None:
    answers = [key_set(members(rsa_key, "r"))]

    def fetch() -> bytes:
        if not answers:
            raise ConnectionRefusedError
        return answers.pop()

    source = Jwks(fetch, ["RS256"])
    source.refresh(NOW)

    assert not source.refresh(NOW + timedelta(minutes=59))
    assert source.key("r") is not None
    with pytest.raises(Problem, match="token_keys_unavailable"):
        source.refresh(NOW + timedelta(minutes=61))
    assert source.key("r") is None


def test_keys_that_are_not_for_this_are_passed_over(rsa_key: RSAPrivateKey) -> None:
    weak = generate_rsa_key(public_exponent=65537, key_size=1024)  # noqa: S505 - weak on purpose
    curve = json.loads(ECAlgorithm.to_jwk(generate_private_key(SECP256R1()).public_key()))

    found = parse_jwks(
        key_set(
            members(rsa_key, "encryption", use="enc"),
            members(rsa_key, "other", alg="PS256"),
            members(weak, "weak"),
            {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
            {**curve, "kid": "curve"},
            {"kty": "RSA", "kid": "empty"},
            members(rsa_key, "good", alg="RS256"),
        ),
        ["RS256"],
    )

    assert set(found) == {"good", None}


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"keys":1}', b'{"keys":[]}', b'{"keys":[1]}', b"\xff"])
def test_what_is_no_key_set_is_refused(data: bytes) -> None:
    with pytest.raises(JwksError, match="key set: expected"):
        parse_jwks(data, ["RS256"])


def test_a_key_set_is_read_from_a_file(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(members(rsa_key, "r")))

    assert set(parse_jwks(from_file(path)(), ["RS256"])) == {"r", None}

    path.write_bytes(b" " * 300_000)
    with pytest.raises(JwksError, match="at most 262144 bytes"):
        from_file(path)()


@pytest.mark.parametrize("url", ["http://id.test/keys", "file:///etc/passwd", "ftp://id.test", "id.test"])
def test_a_key_set_is_fetched_over_https_only(url: str) -> None:
    with pytest.raises(JwksError, match="expected https"):
        from_url(url, DeclaredHosts({}))


def test_a_key_set_of_an_undeclared_host_is_not_fetched() -> None:
    fetch = from_url("https://id.elsewhere.test/keys", DeclaredHosts({"id.test": "HK"}))

    with pytest.raises(JwksError, match="destination_undeclared"):
        fetch()


def test_p_08_a_token_says_when_and_how_its_holder_signed_in() -> None:
    earlier = NOW - timedelta(minutes=40)

    plain = verifier().verify(token(), NOW).signed_in
    full = verifier().verify(token(auth_time=int(earlier.timestamp()), amr=["pwd", "otp"], acr="gold"), NOW).signed_in
    ahead = verifier().verify(token(auth_time=int(NOW.timestamp()) + 3_600), NOW).signed_in

    assert (plain.at, plain.methods, plain.context) == (NOW, frozenset(), "")
    assert (full.at, full.methods, full.context) == (earlier, frozenset({"pwd", "otp"}), "gold")
    assert ahead.at == NOW


@pytest.mark.parametrize(
    "claims", [{"auth_time": "now"}, {"auth_time": True}, {"amr": "otp"}, {"amr": [1]}, {"amr": ["x"] * 33}, {"acr": 3}]
)
def test_p_08_what_a_token_says_of_signing_in_must_be_readable(claims: dict[str, Any]) -> None:
    assert refusal(token(**claims)) == "token_invalid"
