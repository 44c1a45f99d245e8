"""What an exported folder says of itself, and how anybody checks it without Chopbook."""
