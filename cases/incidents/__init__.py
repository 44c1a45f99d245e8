"""Data breaches, the Commissioner's enforcement notices, and cessation notices against doxxing."""
