"""What waits for a second person: proposed by one, approved by another, and only then done."""
