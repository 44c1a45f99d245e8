"""Policy bundles: everything that decides, addressed by digest, and the way from a draft to the one in force."""
