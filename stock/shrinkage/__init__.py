"""What went missing, counted so that no figure tells of a person."""
