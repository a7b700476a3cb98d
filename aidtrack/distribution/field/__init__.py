"""Handouts made without a network, as phones bring them home: read, judged, posted, reviewed."""
