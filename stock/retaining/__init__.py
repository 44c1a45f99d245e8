"""What this room tells the retention of records: its own records, and when goods were last sold."""
