"""Reads of cycles, rounds and vouchers."""
