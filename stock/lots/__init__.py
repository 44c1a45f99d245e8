"""Lots alive: what expires where, which to take first, and where a lot has been."""
