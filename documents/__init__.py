"""A folder for every SKU: documents sealed in the object store, read from paper, found again."""
