"""The texts of the pages, by subject. `web.catalogue` puts them together."""
