"""What the cases room asks of a document: that nobody reads it, or that nobody changes it."""
