"""Notices: what was committed, told to groups and other systems.

The log is followed by event type; what a rule wants told is queued in an outbox in the same transaction that moves the
cursor, so nothing is lost or queued twice. Delivery is at least once, under an id that stays the same. A push is never the
record: that is the entry it names.

Front door: `workflow.notices.service.Notices`. Threads: `workflow.notices.running.NoticeRunner`.
"""
