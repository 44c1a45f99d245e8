"""API keys, access tokens, the log's signing key. The store that holds them is in `app.commands.keystore`."""

from __future__ import annotations

from datetime import datetime, timedelta

import rich_click as click

from api.tokens import TokenIssuer
from app.commands.base import Run, acting_principal, as_option, command, group, parse_time_option
from app.commands.log import current_vkey
from app.commands.output import table
from app.exits import Refused
from app.settings import Settings
from audit.event import format_time, time_us
from policies.errors import NotAuthenticated
from policies.model import Action, ApiKey, Resource, Role
from policies.rules import RATE_PER_MINUTE_DEFAULT
from storage import rotate_key


@group("key")
def key_group() -> None:
    """Groups the commands of keys."""


@group("token")
def token_group() -> None:
    """Groups the commands of tokens."""


@key_group.command("issue", help="Issue an API key. Its secret is shown once and kept nowhere.")
@click.argument("client")
@click.option(
    "--scope", "scopes", multiple=True, help="An action the key may ask for; repeat it. Default: all of a client."
)
@click.option("--expires", help="When it ends, such as 2027-03-31T00:00:00+08:00; default: in a year.")
@click.option("--rate", type=int, help="Calls a minute.")
@click.option("--quota", type=int, help="Calls a month; default: no quota.")
@as_option
@command
def issue_key(
    run: Run,
    client: str,
    scopes: tuple[str, ...],
    expires: str | None,
    rate: int | None,
    quota: int | None,
    principal_id: str | None,
) -> None:
    """Issues an API key."""
    with run.house() as house:
        settings = run.settings
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        change = house.policies.issue_key(
            principal,
            client,
            scopes=scopes or sorted(house.policies.directory().bundle.scopes(Role.API_CLIENT)),
            expires_at=None if expires is None else parse_time_option(expires),
            rate_per_minute=rate or settings.rate_per_minute_default or RATE_PER_MINUTE_DEFAULT,
            quota_per_month=quota or settings.quota_per_month_default or None,
            event_id=run.new_id(),
        )
        committed = house.storage.log.commit(change)
    issued = committed.result
    if issued is None:  # a fresh event id is never a replay
        msg = "expected a new key, got a replay"
        raise Refused(msg, "須為新的密鑰，但這是重複的請求")
    document = {**_listed(issued.key, run.now()), "secret": issued.secret, "entry": committed.receipt.index}
    run.out.note("The secret is shown this once:")
    run.out.answer(document, issued.secret)


@key_group.command("list", help="List API keys.")
@command
def list_keys(run: Run) -> None:
    """Lists API keys."""
    with run.house() as house:
        keys = sorted(house.policies.directory().keys.values(), key=lambda key: key.issued_at)
        usage = house.policies.key_usage((key.id for key in keys), run.now())
    listed = []
    for key in keys:
        used = usage.get(key.id)
        last = None if used is None or used.last_used_at is None else _time(used.last_used_at)
        listed.append({**_listed(key, run.now()), "calls_this_month": used.calls if used else 0, "last_used": last})
    headers = ("key", "client", "state", "expires", "calls", "last used")
    rows = [(k["key"], k["client"], k["state"], k["expires"], k["calls_this_month"], k["last_used"]) for k in listed]
    run.out.answer({"keys": listed}, table(headers, rows))


@key_group.command("revoke", help="End an API key at once.")
@click.argument("key")
@as_option
@command
def revoke_key(run: Run, key: str, principal_id: str | None) -> None:
    """Revokes an API key."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(house.policies.revoke_key(principal, key, event_id=run.new_id()))
    run.out.answer(
        {"revoked": key, "entry": committed.receipt.index}, f"{key} revoked: entry {committed.receipt.index}"
    )


@key_group.command("rotate", help="Give the log a new signing key. For a day both keys sign.")
@as_option
@command
def rotate(run: Run, principal_id: str | None) -> None:
    """Rotates the log's signing key."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        resource = Resource("log", house.storage.log.origin, whole_log=True)
        decision = house.policies.require(principal, Action.SIGNING_ROTATE, resource)
        before = current_vkey(house)
        committed = rotate_key(
            house.storage,
            actor=decision.principal.actor,
            previous_vkey=before,
            event_id=run.new_id(),
            entropy=house.entropy,
            decide=lambda tx: house.policies.confirm(tx, decision),
        )
        after = current_vkey(house)
    document = {"vkey": after, "previous_vkey": before, "entry": committed.receipt.index}
    text = [
        f"the log signs with a new key from entry {committed.receipt.index}; for a day, with the old one too",
        f"new: {after}",
        f"old: {before}",
        "Tell everybody who pinned the old key, and back up the key store: chopbook keystore backup FILE",
    ]
    run.out.answer(document, text)


@token_group.command("issue", help="Issue an access token for a person.")
@click.argument("who")
@click.option("--hours", type=click.FloatRange(0.01, 720), help="How long it is good; default: CHOPBOOK_TOKEN_TTL_S.")
@command
def issue_token(run: Run, who: str, hours: float | None) -> None:
    """Issues an access token."""
    settings = run.settings
    issuer = token_issuer(settings)
    lifetime = timedelta(seconds=settings.token_ttl_s) if hours is None else timedelta(hours=hours)
    with run.house() as house:
        try:
            principal = house.policies.principal(who)
        except NotAuthenticated as error:
            # Nobody tried to sign in: the command names somebody who cannot.
            said = f"{who}: {error}"
            raise Refused(said, f"{who}：{error.words().zh}", code=error.code.value) from error
        now = run.now()
        token = issuer.issue(principal.id, now=now, lifetime=lifetime, token_id=str(run.new_id()))
    run.out.answer({"token": token, "principal": who, "expires": _time(now + lifetime)}, token)


def token_issuer(settings: Settings) -> TokenIssuer:
    """What issues tokens here.

    Raises:
        Refused: tokens come from an identity provider.
        SettingsError: the secret is missing or weak.
    """
    if settings.jwt_mode != "hs256":
        msg = "token: expected CHOPBOOK_JWT_MODE=hs256; with an identity provider, tokens are issued there"
        raise Refused(msg, "權杖：須設定 CHOPBOOK_JWT_MODE=hs256；如使用身分提供者，權杖由其簽發")
    return TokenIssuer(settings.jwt_secret(), issuer=settings.jwt_issuer, audience=settings.jwt_audience)


def _listed(key: ApiKey, now: datetime) -> dict[str, object]:
    state = "revoked" if key.revoked_at is not None else "expired" if now >= key.expires_at else "active"
    return {
        "key": key.id,
        "client": key.principal,
        "state": state,
        "scopes": sorted(key.scopes),
        "expires": _time(key.expires_at),
        "rate_per_minute": key.rate_per_minute,
        "quota_per_month": key.quota_per_month,
    }


def _time(moment: datetime) -> str:
    return format_time(time_us(moment))
