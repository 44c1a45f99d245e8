"""What this room tells the retention of records: what documents are, and what started their clocks."""
