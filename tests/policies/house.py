"""A small organisation in a world, and short ways to change it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from audit.entry import Entry, EntryMembers, parse_members
from audit.event import Event, Subject
from policies.grants.model import Grant
from policies.model import (
    ApiKey,
    Decision,
    IssuedKey,
    NegativeStockRule,
    Principal,
    PrincipalRecord,
    Role,
    ScopeKind,
)
from policies.service import Policies
from storage import Change, Committed, Storage, Transaction
from storage.reading import read_entry, read_head
from tests.worlds import World

T = TypeVar("T")

SCOPES = ("stock.adjust", "stock.read", "log.read")


class House:
    """Policies in a world. `admin` is Chopbook's own command on its own box."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.policies = self.another(world.storage)
        self.admin = self.policies.local_principal()

    def another(self, storage: Storage) -> Policies:
        """Policies as another process has them."""
        return Policies(storage.database, storage.log, storage.keys, clock=self.world.clock, entropy=self.world.entropy)

    def id(self) -> UUID:
        return UUID(bytes=self.world.entropy(16), version=4)

    def committed(self, change: Change[T]) -> Committed[T]:
        return self.world.storage.log.commit(change)

    def do(self, change: Change[T]) -> T:
        result = self.committed(change).result
        assert result is not None
        return result

    def area(self, code: str) -> None:
        self.do(
            self.policies.create_area(
                self.admin, code=code, name_zh=f"區域 {code}", name_en=f"Area {code}", event_id=self.id()
            )
        )

    def store(self, code: str, area: str, rule: NegativeStockRule = NegativeStockRule.REFUSE) -> None:
        self.do(
            self.policies.create_store(
                self.admin,
                code=code,
                area=area,
                name_zh=f"分店 {code}",
                name_en=f"Store {code}",
                negative_stock=rule,
                event_id=self.id(),
            )
        )

    def tree(self) -> None:
        """Two areas: KLN with MK01 and TST1, NT with ST01."""
        for code in ("KLN", "NT"):
            self.area(code)
        for code, area in (("MK01", "KLN"), ("TST1", "KLN"), ("ST01", "NT")):
            self.store(code, area)

    def person(
        self, role: Role, *targets: tuple[ScopeKind, str], name: str = "陳大文", engaged: bool = True
    ) -> PrincipalRecord:
        """A new person; an auditor is engaged for everything at once, unless told otherwise."""
        record = self.do(self.policies.create_person(self.admin, role=role, display_name=name, event_id=self.id()))
        for kind, target in targets:
            self.assign(record.id, kind, target)
        if role is Role.AUDITOR and engaged:
            self.engage(record.id)
        return record

    def engage(self, auditor: str, *, days: int = 90, **limits: Any) -> Grant:
        """An engagement that begins now."""
        officer, now = self.policies.local_principal(Role.COMPLIANCE_OFFICER), self.world.clock()
        change = self.policies.engage(
            officer,
            auditor,
            starts_at=now,
            ends_at=now + timedelta(days=days),
            nda_on_file=True,
            event_id=self.id(),
            **limits,
        )
        return self.do(change)

    def client(self, *targets: tuple[ScopeKind, str], label: str = "POS") -> PrincipalRecord:
        record = self.do(self.policies.create_api_client(self.admin, label=label, event_id=self.id()))
        for kind, target in targets:
            self.assign(record.id, kind, target)
        return record

    def assign(self, principal_id: str, kind: ScopeKind, target: str = "") -> None:
        self.do(self.policies.assign(self.admin, principal_id, kind, target, event_id=self.id()))

    def unassign(self, principal_id: str, kind: ScopeKind, target: str = "") -> None:
        self.do(self.policies.unassign(self.admin, principal_id, kind, target, event_id=self.id()))

    def key(self, client_id: str, scopes: tuple[str, ...] = SCOPES, **options: object) -> IssuedKey:
        return self.do(
            self.policies.issue_key(
                self.admin,
                client_id,
                scopes=scopes,
                event_id=self.id(),
                **options,  # type: ignore[arg-type]
            )
        )

    def revoke(self, key_id: str) -> ApiKey:
        return self.do(self.policies.revoke_key(self.admin, key_id, event_id=self.id()))

    def caller(self, secret: str) -> Principal:
        return self.policies.authenticate_key(secret, self.world.clock())

    def noting(self, decision: Decision, policies: Policies | None = None) -> Change[Entry]:
        """A change of another room that rests on a decision, as a process has it."""
        confirming, event_id = policies or self.policies, self.id()

        def run(tx: Transaction) -> Entry:
            event = Event(
                type="test.noted",
                subjects=(Subject("stock", "MK01/A"),),
                data={},
                actor=decision.principal.actor,
                event_id=event_id,
                decision=confirming.confirm(tx, decision),
            )
            return tx.append(event)

        return Change(run, reads=confirming.reads)

    def size(self) -> int:
        with self.world.storage.database.read() as connection:
            return read_head(connection).size

    def entry(self, index: int = -1) -> EntryMembers:
        """One entry of the log, by default the last."""
        with self.world.storage.database.read() as connection:
            index = index if index >= 0 else read_head(connection).size + index
            return parse_members(read_entry(connection, index).bytes)

    def everything(self) -> bytes:
        """The bytes of the whole log."""
        with self.world.storage.database.read() as connection:
            return b"\n".join(read_entry(connection, index).bytes for index in range(read_head(connection).size))
