"""Requests of people about their own data, breaches, cessation notices."""
