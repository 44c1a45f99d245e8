"""The document room's part in disposal."""
