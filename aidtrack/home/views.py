"""The start page and the help pages."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aidtrack.home.tour import tour_for
from aidtrack.web import actor_or_none, current_actor, public, signed_in
from aidtrack.web.registry import home_cards

bp = Blueprint("home", __name__)


@bp.get("/")
@signed_in
def start() -> ResponseReturnValue:
    """Today's work of the person who is signed in, as the rooms report it."""
    return render_template("home/start.html", cards=home_cards(current_actor()))


@bp.get("/help")
@public
def help() -> ResponseReturnValue:
    """The tour of one's own role; before signing in, a tour of all."""
    actor = actor_or_none()
    return render_template("home/help.html", tours=tour_for(actor.role if actor else None))
