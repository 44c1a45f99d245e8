"""Personal data found in documents, as an officer's list."""
