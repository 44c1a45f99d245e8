"""Access for a time: an auditor's engagement, and breaking the glass; each ends by itself."""
