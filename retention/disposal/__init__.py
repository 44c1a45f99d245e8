"""Disposal: what the law lets go, destroyed by two persons' word and certified."""
