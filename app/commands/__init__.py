"""The commands, one module for each noun. `app.cli` puts them together."""
