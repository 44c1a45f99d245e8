"""Jobs: what happens after the commit.

A job is enqueued by the very change that calls for it, so it exists exactly if that change is in the log. A worker
leases it, runs it outside any write transaction, and records how it went. Delivery is at least once; a handler makes
its effect idempotent by the job's id.

Front door: `workflow.service.Queue`. Runner: `workflow.worker.Worker`.
"""
