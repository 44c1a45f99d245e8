"""Personal data in clear: for a purpose of a closed list, and never without an entry."""
