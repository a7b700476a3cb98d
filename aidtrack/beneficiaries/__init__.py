"""Families: households with their members, categories, papers; who may see what of them."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Let live protection grants count."""
    from aidtrack.beneficiaries.services import extra_permissions

    app.extensions.setdefault("aidtrack_extra_permissions", []).append(extra_permissions)
