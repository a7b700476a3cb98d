"""Phones of the counter: enrolled by a code, known by their signature, revoked by a word."""
