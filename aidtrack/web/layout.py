"""What the shared templates ask for: titles, the way back, a form's problems in one list."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext
from wtforms import Field, Form

from aidtrack import __version__
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass
from aidtrack.web.registry import NavItem, under_heads

ROLES: dict[Role, str] = {
    Role.ADMINISTRATOR: N_("administrator"),
    Role.CASEWORKER: N_("caseworker"),
    Role.WAREHOUSE: N_("warehouse"),
    Role.DONOR_LIAISON: N_("donor liaison"),
    Role.REVIEWER: N_("reviewer"),
}
TITLES = {
    400: N_("The request could not be read"),
    401: N_("Sign in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible here"),
    409: N_("Changed in the meantime"),
    413: N_("Too large"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong"),
    503: N_("Not available right now"),
}
OTHER_TITLE = N_("This was not done")


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One thing wrong in a form, for the list above it."""

    message: str
    label: str = ""
    field_id: str = ""


def title_of(status: int) -> str:
    return str(gettext(TITLES.get(status, OTHER_TITLE)))


def role_word(actor_or_role: Actor | Role) -> str:
    role = actor_or_role.role if isinstance(actor_or_role, Actor) else actor_or_role
    return gettext(ROLES[role]) if role is not None else ""


def account_url() -> str:
    """The person's own page, once the accounts room has one."""
    return url_for("accounts.me") if "accounts.me" in current_app.view_functions else "/"


def back_here() -> str:
    """Where a switch of language returns to; a posted form's page cannot be asked for again."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def nav_current(item: NavItem) -> bool:
    if request.endpoint == item.endpoint:
        return True
    listed = [other.endpoint for other in current_app.extensions["aidtrack_nav"]]
    return request.endpoint not in listed and request.blueprint == item.room and _only_one_of(item)


def _only_one_of(item: NavItem) -> bool:
    """A room with several entries: its other pages light none of them unless the address lies below one."""
    mates = [other for other in current_app.extensions["aidtrack_nav"] if other.room == item.room]
    return len(mates) == 1 or request.path.startswith(url_for(item.endpoint).rstrip("/") + "/")


def form_problems(form: Form) -> list[FormProblem]:
    """Everything wrong in a form, in its order, whole-form problems first; fields in lists included."""
    problems = [FormProblem(str(message)) for message in form.form_errors]
    for field in form:
        problems.extend(_of_field(field))
    return problems


def answer_code(form: Form) -> int:
    """422 for a page that shows what is wrong; a refusal put on a line of a list counts too."""
    return 422 if form_problems(form) else 200


def _of_field(field: Field) -> Iterator[FormProblem]:
    errors: list[Any] = list(field.errors)
    entries = getattr(field, "entries", None)
    enclosed = getattr(field, "form", None)
    if entries is not None:
        # a list's errors hold its entries' dictionaries beside sentences of its own
        yield from (
            FormProblem(str(error), str(field.label.text), field.id)
            for error in errors
            if not isinstance(error, dict | list | tuple)
        )
        for entry in entries:
            yield from _of_field(entry)
    elif isinstance(enclosed, Form):
        yield from form_problems(enclosed)
    else:
        hidden = field.type in ("HiddenField", "CommandIdField", "CSRFTokenField")
        for message in errors:
            yield FormProblem(
                str(message), "" if hidden else str(field.label.text), "" if hidden else field.id
            )


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def merged(values: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, **more}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(without_none=without_none, merged=merged)
    app.jinja_env.tests["nav_current"] = nav_current
    app.jinja_env.globals.update(
        account_url=account_url,
        back_here=back_here,
        form_problems=form_problems,
        under_heads=under_heads,
        role_word=role_word,
        title_of=title_of,
        version=__version__,
    )
