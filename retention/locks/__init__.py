"""The locks of the object store: derived from schedules and holds, reconciled, and probed."""
