"""Registers of families from spreadsheets, and back into one."""
