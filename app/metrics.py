"""What Prometheus is told: how many, how long, how full. No label holds a principal, a store or anything personal."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from storage.errors import StorageError
from storage.objects.probe import Strength

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from app.wiring import House
    from storage import Head

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one process."""

    def __init__(self, house: House) -> None:
        # When a counter began is told by the process's own start time; once is enough.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library annotates it not
        self._registry: Final = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._requests: Final = Counter(
            "chopbook_requests", "Answers by operation and status.", ("operation", "status"), registry=self._registry
        )
        self._seconds: Final = Histogram(
            "chopbook_request_seconds",
            "Seconds until the first byte of an answer.",
            ("operation",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._commits: Final = Counter(
            "chopbook_commits", "Batches made durable by this process.", registry=self._registry
        )
        self._size: Final = Gauge("chopbook_log_size", "Entries in the log.", registry=self._registry)
        self._committed_at: Final = Gauge(
            "chopbook_last_commit_timestamp_seconds",
            "When this process last made a batch durable.",
            registry=self._registry,
        )
        self._registry.register(_Depths(house))
        # Finding a labelled child costs more than counting in it; these are looked up once for each pair.
        self._counters: Final[dict[tuple[str, int], Counter]] = {}
        self._timers: Final[dict[str, Histogram]] = {}
        self._size.set(house.storage.log.head().size)
        house.storage.log.on_commit(self._on_commit)

    def observe(self, operation: str, status: int, seconds: float) -> None:
        """Counts an answer."""
        counter = self._counters.get((operation, status))
        if counter is None:
            counter = self._counters[operation, status] = self._requests.labels(operation, str(status))
        counter.inc()
        timer = self._timers.get(operation)
        if timer is None:
            timer = self._timers[operation] = self._seconds.labels(operation)
        timer.observe(seconds)

    def exposition(self) -> bytes:
        """Everything, in the text format."""
        return generate_latest(self._registry)

    def _on_commit(self, head: Head) -> None:
        self._commits.inc()
        self._size.set(head.size)
        self._committed_at.set(time.time())


class _Depths(Collector):
    """Queues, looked at when somebody asks."""

    def __init__(self, house: House) -> None:
        self._house: Final = house

    def collect(self) -> Iterable[Metric]:
        house = self._house
        waiting = GaugeMetricFamily("chopbook_log_waiting", "Changes waiting for the log in this process.")
        waiting.add_metric([], house.storage.log.waiting)
        yield waiting
        stopped = "Rows that a list held and its reader may not see; each was dropped. One is an incident."
        leaks = CounterMetricFamily("chopbook_leaks_stopped", stopped)
        leaks.add_metric([], house.policies.leaks_stopped)
        yield leaks
        jobs = GaugeMetricFamily("chopbook_jobs", "Jobs by kind and state.", labels=["kind", "state"])
        try:
            for depth in house.queue.depths():
                jobs.add_metric([depth.kind, depth.state.value], depth.jobs)
            with house.storage.database.read() as connection:
                results = house.locks.probed(connection)
        except StorageError:
            # A database that is away shows in readiness; metrics of the process itself go on.
            return
        yield jobs
        locks = GaugeMetricFamily(
            "chopbook_lock_enforced",
            "Whether the object store withstood an attack on its locks when they were probed last (1: yes).",
            labels=["bucket", "attack"],
        )
        probed = GaugeMetricFamily("chopbook_lock_probe_timestamp_seconds", "When locks were probed last.")
        for result in results:
            locks.add_metric([result.bucket, result.attack.value], result.strength is Strength.ENFORCED)
        if results:
            probed.add_metric([], max(result.probed_at for result in results).timestamp())
        yield locks
        yield probed
