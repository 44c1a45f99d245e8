"""What the routes stand on: the front doors of the rooms below, and the settings of this one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from api.languages import Language
from api.tails import LiveTail
from api.tokens import TokenVerifier
from cases.service import Cases
from documents.certificates import CertificatePrinter
from documents.search.index import SearchIndex
from documents.service import Documents
from policies.service import Policies
from retention.disposal.service import Disposals
from retention.locks.service import Locks
from retention.service import Retention
from stock.service import Stock
from storage.model import Committed
from storage.opening import Storage
from storage.transaction import Change
from workflow.notices.service import Notices
from workflow.schedules.service import Schedules
from workflow.service import Queue

T = TypeVar("T")


class Commit(Protocol):
    """How an append endpoint hands its change to the log: `Log.commit_async`."""

    def __call__(self, change: Change[T]) -> Awaitable[Committed[T]]:
        """Return when the change is durable."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the operator sets of this room."""

    public_url: str = "http://127.0.0.1:8000"
    language: Language = Language.ENGLISH
    public_checkpoints: bool = False
    body_bytes_max: int = 10_485_760
    batch_rows_max: int = 10_000
    page_size_max: int = 500
    streams_max: int = 64
    heartbeat_s: float = 15.0
    stream_s_max: float = 900.0
    version: str = "0.1.0"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a route needs.

    `commit` is `storage.log.commit_async`. `tails` ends every live stream when it is closed: do that when the server
    begins to stop.
    """

    storage: Storage
    policies: Policies
    stock: Stock
    queue: Queue
    schedules: Schedules
    documents: Documents
    cases: Cases
    search: SearchIndex
    notices: Notices
    retention: Retention
    locks: Locks
    disposals: Disposals
    printer: CertificatePrinter
    tokens: TokenVerifier
    commit: Commit
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    settings: ApiSettings
    tails: LiveTail = field(default_factory=LiveTail)
