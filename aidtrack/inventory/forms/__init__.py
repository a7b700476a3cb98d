"""Forms of the inventory: what was typed, kept as typed, and read into commands."""
