"""The right to aid: programme rules as dated data, and households marked by them."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages of rules and marks."""
