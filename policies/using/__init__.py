"""What personal data is used for: purposes that are listed, and what it takes to use it for another (PDPO DPP3)."""
