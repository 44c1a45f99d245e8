"""Lists of documents, folders and reviews, as callers look through them."""
