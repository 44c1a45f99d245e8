"""A retailer behind its API: the shop of the stock tests, callers with keys and tokens, and a client to call with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from api.application import create_api
from api.languages import Language
from api.services import ApiSettings, Services
from api.tokens import Secret, TokenIssuer, TokenVerifier
from app.cases import cases_of
from app.retention import retention_of
from documents.certificates import CertificatePrinter
from documents.parts import picturing_sandbox
from documents.retaining.sources import DocumentRecords
from documents.search.index import SearchIndex
from documents.search.sqlite.store import SqliteIndexStore
from policies.model import PrincipalRecord, Role, ScopeKind
from policies.rules import scopes_of
from retention.disposal.service import Disposals
from retention.locks.modes import ModeMeans
from retention.locks.service import Locks
from storage.outbound import DeclaredHosts
from tests.documents.archive import Archive
from tests.retention.offices import Told
from tests.worlds import World
from web.serving import page_refusal
from web.site import site_handlers
from workflow.notices.means import Means
from workflow.notices.service import Notices
from workflow.schedules.service import Schedules

SECRET = b"0123456789abcdef0123456789abcdef"
ISSUER = AUDIENCE = "chopbook.test"
URL = "https://chop.test"
EVERY_SCOPE = tuple(sorted(scopes_of(Role.API_CLIENT)))
SETTINGS = ApiSettings(public_url=URL, language=Language.ENGLISH)


class Lent:
    """Stands where an application has its services, for those of the desk that is served just now."""

    services: Services | None = None

    def __init__(self, settings: ApiSettings) -> None:
        self.settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self.services, name)


@cache
def application(settings: ApiSettings) -> tuple[Litestar, Lent]:
    """The application, whose hundreds of routes take longer to make than most tests; it keeps nothing of a desk."""
    lent = Lent(settings)
    services = cast("Services", lent)
    app = create_api(services, handlers=site_handlers(services), refuse=partial(page_refusal, services))
    return app, lent


class Desk(Archive):
    """The API on a world. `key` is that of a till of the whole organisation."""

    http: TestClient[Litestar]
    planted: tuple[str, ...] = ()

    def __init__(self, world: World, *, whole_key: str = "") -> None:
        """Stock the world, unless it is one already, with this key."""
        directory = Path(world.keystore_url.removeprefix("sqlite:///")).parent
        super().__init__(world, directory, stocked=not whole_key)
        self.issuer = TokenIssuer(SECRET, issuer=ISSUER, audience=AUDIENCE)
        self.search = SearchIndex(SqliteIndexStore(directory / "search.db"))
        self.documents.index = self.search
        self.judge = Told()
        self.printing = picturing_sandbox(1)
        retention = retention_of(world.storage, self.policies, self.queue, grace_days=30)
        self.services = Services(
            storage=world.storage,
            policies=self.policies,
            stock=self.stock,
            queue=self.queue,
            schedules=Schedules(world.storage.database, world.storage.log, self.queue),
            documents=self.documents,
            cases=cases_of(self.means, self.documents, retention, world.storage.keys, self.search),
            search=self.search,
            notices=self._notices(world),
            disposals=Disposals(
                world.storage.database,
                world.storage.log,
                self.policies,
                self.queue,
                self.judge,
                self.documents,
                clock=world.clock,
            ),
            printer=CertificatePrinter(self.printing),
            retention=retention,
            locks=Locks(
                ModeMeans(
                    world.storage.database,
                    world.storage.log,
                    self.policies,
                    self.queue,
                    retention,
                    DocumentRecords(),
                    world.clock,
                ),
                self.vault.store,
                entropy=world.entropy,
            ),
            tokens=TokenVerifier(Secret(SECRET), issuer=ISSUER, audience=AUDIENCE),
            commit=world.storage.log.commit_async,
            clock=world.clock,
            entropy=world.entropy,
            settings=SETTINGS,
        )
        self.whole_key = whole_key or self._make_key()

    def _notices(self, world: World) -> Notices:
        storage = world.storage
        gate = DeclaredHosts({"127.0.0.1": "HK"})
        means = Means(storage.database, storage.log, gate=gate, clock=world.clock, entropy=world.entropy)
        return Notices(means, self.policies, storage.keys)

    def _make_key(self) -> str:
        till = self.client((ScopeKind.ALL, ""))
        return self.key(till.id, EVERY_SCOPE, rate_per_minute=1_000_000).secret

    @contextmanager
    def serving(self, **settings: Any) -> Iterator["Desk"]:
        """Serve the API, maybe with other settings."""
        wished, outer = replace(SETTINGS, **settings), getattr(self, "http", None)
        app, lent = application(wished)
        if lent.services is not None:
            # Somebody is served with it: one of its own for this desk.
            app, lent = application.__wrapped__(wished)
        lent.services = replace(self.services, settings=wished)
        try:
            with TestClient(app, base_url=URL, raise_server_exceptions=True) as http:
                self.http = http
                yield self
        finally:
            lent.services = None
            if outer is not None:
                self.http = outer
        self.printing.close()

    def token(self, role: Role, *targets: tuple[ScopeKind, str], minutes: float = 60) -> str:
        """A signed-in person's token."""
        return self.token_of(self.person(role, *targets), minutes=minutes)

    def token_of(self, person: PrincipalRecord, *, minutes: float = 60) -> str:
        lifetime = timedelta(minutes=minutes)
        return self.issuer.issue(person.id, now=self.world.clock(), lifetime=lifetime, token_id="t")

    def call(
        self, method: str, path: str, *, by: str | None = "", headers: Any = None, **options: Any
    ) -> httpx.Response:
        """One call; `by` is a key or token, by default that of the whole organisation, None for nobody."""
        found = dict(headers or {})
        if by is not None:
            found["Authorization"] = f"Bearer {by or self.whole_key}"
        return self.http.request(method, path, headers=found, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def take(self, path: str, *, purpose: str = "assurance", headers: Any = None, **options: Any) -> httpx.Response:
        """Gets personal data, and says what for."""
        return self.get(path, headers={"Use-Purpose": purpose, **(headers or {})}, **options)

    def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        if body is not None:
            options["json"] = body
        return self.call("POST", path, **options)


def furnish_desk(world: World, _directory: Path) -> str:
    """Furnishes a world with one; returns the key of its till."""
    return Desk(world).whole_key
