"""HTTP: routes, authentication, problem details.

Handlers parse, call one verb of a lower room, and shape the answer. Everything under `/api/v1` speaks JSON and
problem details (RFC 9457) in Hong Kong Chinese or English; `/log/...` speaks C2SP tlog-tiles, so that foreign
clients can mirror the log.
"""
