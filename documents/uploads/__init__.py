"""Uploads on their way: what has been received, and how it stands. Operational: before a version there is no entry."""
