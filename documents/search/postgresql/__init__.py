"""The index on PostgreSQL."""
