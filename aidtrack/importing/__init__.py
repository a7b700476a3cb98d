"""Bring spreadsheets in: reading files of any make, mapping columns, dry run, result. Knows no domain."""
