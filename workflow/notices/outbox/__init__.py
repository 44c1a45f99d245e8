"""What is to be told, and how the telling stands."""
