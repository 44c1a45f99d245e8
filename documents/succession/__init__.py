"""Documents that took the place of others."""
