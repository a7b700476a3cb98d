"""The counter's act: from a voucher to the ledger in one transaction."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the API. The counter's page is the `scanner` room's."""
    from aidtrack.distribution.handouts import api
    from aidtrack.web import register_api

    register_api(app, api.bp)
