"""Rights, rounds, vouchers and handouts: where families and goods meet."""

from flask import Flask


def init_app(app: Flask) -> None:
    from aidtrack.distribution import handouts

    handouts.init_app(app)
