"""Recurring work: what is asked for again and again, when, and when it was last."""
