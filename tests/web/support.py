"""A small application of the web room alone: pages of our own, and a person who is simply there."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, flash, redirect, render_template_string, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack import home, web
from aidtrack.config import Config
from aidtrack.db import db
from aidtrack.db.bundled import PACKAGE, bundled
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission, Role
from aidtrack.kernel.errors import N_, Conflict, DomainError
from aidtrack.kernel.quantity import BaseUnit, read_quantity
from aidtrack.web import access
from aidtrack.web.forms import BaseForm, DayField, QuantityField, choices


def person(role: Role = Role.WAREHOUSE, *, language: str = "uk", label: str = "olena") -> Actor:
    return Actor(
        label=label,
        role=role,
        site_ids=frozenset({1}),
        user_id=7,
        language=language,
        permissions=PERMISSIONS[role],
    )


class Someone:
    """Who is signed in; None is nobody."""

    def __init__(self, actor: Actor | None = None) -> None:
        self.actor = actor
        self.tokens: dict[str, Actor] = {}


class SackIsWet(DomainError):
    code = "sack_is_wet"
    field = "quantity"
    text = N_("“%(value)s” is not allowed here.")


class ReceiveForm(BaseForm):
    """A form of one of each kind."""

    item = SelectField("Item", choices=choices([("rice", "Rice")], empty="—"), validators=[DataRequired()])
    quantity = QuantityField("Quantity", [DataRequired(), Length(max=64)], description="25 kg, 12 bags")
    day = DayField("Day", [DataRequired()])
    note = TextAreaField("Note", [Optional()])
    password = StringField("Password", [Optional()])
    damaged = BooleanField("Damaged", [Optional()])


PAGE = """{% extends "base.html" %}{% from "macros.html" import field, form_for, submit %}
{% block title %}Form{% endblock %}{% block heading %}Form{% endblock %}
{% block content %}{% call form_for(form) %}
{% for name in ("item", "day", "note", "damaged") %}{{ field(form[name]) }}{% endfor %}
{{ field(form.quantity, **{"data-reads-at": "/reading"}) }}
{{ submit("Save", main=true) }}{% endcall %}{% endblock %}"""


def make_app(
    instance: Path,
    someone: Someone,
    *,
    production: bool = False,
    rooms: Iterable[object] = (home,),
    url: str = "sqlite://",
) -> Flask:
    app = Flask(
        "aidtrack",
        static_folder=str(PACKAGE / "static"),
        template_folder=str(bundled("templates")),
        instance_path=str(instance),
    )
    app.config.update(
        SECRET_KEY="for tests only, and nowhere else",
        SQLALCHEMY_DATABASE_URI=url,
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        AIDTRACK=Config(url, "x" * 32, b"x" * 32, production, instance, testing=True),
    )
    db.init_app(app)
    web.init_app(app)
    for room in rooms:
        room.init_app(app)  # type: ignore[attr-defined]
    app.extensions[access.LOAD_ACTOR] = lambda: someone.actor
    app.extensions[access.LOAD_TOKEN_ACTOR] = lambda token: someone.tokens.get(token)
    _pages(app)
    return app


def _pages(app: Flask) -> None:
    received: list[dict[str, object]] = []
    app.extensions["received"] = received

    @app.route("/receive", methods=["GET", "POST"])
    @access.requires(Permission.STOCK_RECEIVE)
    def receive() -> ResponseReturnValue:
        form = ReceiveForm()
        if form.validate_on_submit():
            reading = form.quantity.read(BaseUnit.G, usual_units=1_000_000)
            if reading is not None:
                try:
                    if form.note.data == "wet":
                        raise SackIsWet(value="wet")
                    if form.note.data == "late":
                        raise Conflict(who="Іван", when="01.09.2022")
                    if form.note.data == "elsewhere":
                        web.current_actor().require(Permission.STOCK_RECEIVE, site_id=99)
                except DomainError as error:
                    form.show(error)
                else:
                    received.append(
                        {
                            "units": reading.units,
                            "day": form.day.data,
                            "command_id": form.command_id.data,
                            "note": form.note.data,
                        }
                    )
                    flash("saved", "success")
                    return redirect("/receive", code=303)
        return render_template_string(PAGE, form=form), 422 if form.errors else 200

    @app.get("/reading")
    @access.signed_in
    def reading() -> ResponseReturnValue:
        return {"shown": read_quantity(request.args["text"], BaseUnit.G).shown}

    @app.get("/cases")
    @access.requires(Permission.HOUSEHOLD_READ)
    def cases() -> ResponseReturnValue:
        return "cases"

    @app.get("/stock-or-cases")
    @access.requires_any(Permission.STOCK_READ, Permission.HOUSEHOLD_READ)
    def either() -> ResponseReturnValue:
        return "either"

    @app.get("/boom")
    @access.public
    def boom() -> ResponseReturnValue:
        raise ZeroDivisionError


def token_in(html: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', html)
    assert found is not None, "the page carries no token"
    return found[1]


def send(client: FlaskClient, path: str, fields: dict[str, str], **kwargs: Any) -> TestResponse:
    """Post a form as a browser does from our own page: with its token, vouched for as ours."""
    kwargs.setdefault("headers", {"Sec-Fetch-Site": "same-origin"})
    page = client.get(kwargs.pop("from_page", "/help"))
    return client.post(path, data={"csrf_token": token_in(page.text), **fields}, **kwargs)
