"""What people's corrections teach about a supplier's papers, for the reading of its next one."""
