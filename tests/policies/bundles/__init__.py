"""Policy bundles."""
