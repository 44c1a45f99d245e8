"""Notices in a world: channels to the doubles, and short ways to use them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from audit.event import Actor, Event, Subject
from policies.model import Role
from storage import Storage
from storage.outbound import DeclaredHosts
from storage.transaction import Change
from tests.policies.house import House
from tests.workflow.notices.doubles import SECRET, TOKEN, WEBHOOK_SECRET
from tests.worlds import World
from workflow.notices.means import Means
from workflow.notices.model import Channel, Message, Rule
from workflow.notices.parsing import parse_channel, parse_rule
from workflow.notices.service import Notices

GATE = DeclaredHosts({"127.0.0.1": "HK", "localhost": "HK"})


class Office(House):
    """Notices in a world."""

    def __init__(self, world: World, **options: Any) -> None:
        super().__init__(world)
        self.options = {"gate": GATE, "timeout_s": 5.0, "link": lambda index: f"https://chop.test/e/{index}", **options}
        self.notices = self.notices_of(world.storage)
        self.operator = self.policies.local_principal(Role.OPERATOR)

    def notices_of(self, storage: Storage, **options: Any) -> Notices:
        """Notices as another process has them."""
        means = Means(
            storage.database,
            storage.log,
            clock=self.world.clock,
            entropy=self.world.entropy,
            **{**self.options, **options},
        )
        return Notices(means, self.another(storage), storage.keys)

    def channel(self, content: dict[str, Any], code: str = "group") -> Channel:
        request = parse_channel(content, code=code, event_id=self.id())
        return self.do(self.notices.set_channel(self.operator, request))

    def robot(self, url: str, code: str = "group", **members: Any) -> Channel:
        target = {"url": f"{url}/robot/send", "access_token": TOKEN, "secret": SECRET}
        return self.channel({"kind": "dingtalk", "target": target, **members}, code)

    def webhook(self, url: str, code: str = "hook", **members: Any) -> Channel:
        target = {"url": f"{url}/in", "secret": "whsec_" + b64encode(WEBHOOK_SECRET).decode()}
        return self.channel({"kind": "webhook", "target": target, **members}, code)

    def rule(
        self, channel: str = "group", code: str = "rule", events: tuple[str, ...] = ("stock.*",), **more: Any
    ) -> Rule:
        content = {"channel": channel, "events": list(events), **more}
        return self.do(self.notices.set_rule(self.operator, parse_rule(content, code=code, event_id=self.id())))

    def happen(self, count: int = 1, kind: str = "stock.adjusted", **data: Any) -> list[int]:
        """That many entries of a kind; returns their indexes."""
        events = [
            Event(
                type=kind,
                subjects=(Subject("stock", "MK01/A1"), Subject("person", "p_secretperson0001")),
                data={"store": "MK01", "sku": "A1", "change": -2, "before": 10, "after": 8, "scale": 0, **data},
                actor=Actor("p_secretperson0001", "staff"),
                event_id=self.id(),
            )
            for _ in range(count)
        ]

        def run(tx: Any) -> list[int]:
            return [tx.append(event).index for event in events]

        return self.do(Change(run))

    def run(self, *, seconds: float = 0.0, step: float = 1.0) -> int:
        """Follows the log and sends what is due, while the clock goes on; returns how many attempts were made."""
        made = 0
        while True:
            while self.notices.follow():
                pass
            while sent := self.notices.send_due():
                made += sent
            if seconds <= 0:
                return made
            self.world.clock.advance(seconds=step)
            seconds -= step

    def messages(self) -> list[Message]:
        return self.notices.messages(self.operator)

    def failures(self) -> list[dict[str, Any]]:
        """What the entries say of failures."""
        from audit.entry import parse_entry
        from storage.reading import EntryFilter, read_entries
        from storage.scope import EVERYTHING

        with self.world.storage.database.read() as connection:
            found = read_entries(connection, EVERYTHING, EntryFilter(type="notice.failed"), cursor=None, limit=100)
        return [dict(parse_entry(entry.bytes).event.data) for entry in found.entries]
