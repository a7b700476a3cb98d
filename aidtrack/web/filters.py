"""How quantities, days, moments and names are written; the same for pages, exports and programs."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal

from babel.dates import format_date, format_datetime
from flask import Flask, has_request_context, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import DEFAULT_TIME_ZONE, zone
from aidtrack.kernel.quantity import NO_BREAK_SPACE, BaseUnit, Pack, show
from aidtrack.web.access import actor_or_none
from aidtrack.web.assets import asset
from aidtrack.web.i18n import LANGUAGES, language
from aidtrack.web.registry import navigation

COUNTED = 100  # on a first page things are counted so far: whoever has more to do needs no figure, and all wait for it


def qty(
    units: int | None,
    base_unit: BaseUnit | str,
    packs: Sequence[Pack] = (),
    *,
    scale: Literal["auto", "base", "tonne"] = "auto",
    lang: str | None = None,
) -> str:
    """«29 378 кг»; a dash where there is no quantity."""
    if units is None:
        return "—"
    return show(units, BaseUnit(base_unit), lang or language(), packs, scale=scale)


def number(value: int | None) -> str:
    """«1 741»: thousands grouped by a no-break space in both languages, as quantities are."""
    return "—" if value is None else f"{value:,}".replace(",", NO_BREAK_SPACE).replace("-", "\N{MINUS SIGN}")


_AFTER = str.maketrans(
    {"ґ": "г\uffff", "є": "е\uffff", "і": "и\uffff", "ї": "и\uffff\uffff"} | dict.fromkeys("«»“”\"’'ʼ")
)


def in_order(written: str) -> str:
    """A key that sorts names as a Ukrainian register has them: «і» after «и», quotation marks passed over."""
    return written.lower().translate(_AFTER)


def at_most(value: int, most: int) -> str:
    """A figure that was not counted further than `most`."""
    return number(value) if value <= most else gettext("over %(number)s", number=number(most))


def day(value: date | datetime | None, lang: str | None = None, *, form: str = "short") -> str:
    """«01.09.2022»; in English "1 Sept 2022"-like words, because 01.09 would be read as January there.

    `form="long"` writes the month's name in both languages.
    """
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = _local(value).date()
    code = lang or language()
    if form == "long":
        return format_date(
            value, "d MMMM y\N{NO-BREAK SPACE}'р.'" if code == "uk" else "d MMMM y", locale=_locale(code)
        )
    return format_date(value, "dd.MM.y" if code == "uk" else "d MMM y", locale=_locale(code))


def moment(
    value: datetime | None,
    lang: str | None = None,
    *,
    time_zone: str = DEFAULT_TIME_ZONE,
    seconds: bool = False,
) -> str:
    """A moment on the site's clock: «01.09.2022, 14:05»."""
    if value is None:
        return "—"
    code = lang or language()
    local = _local(value, time_zone)
    return f"{day(local.date(), code)}, {format_datetime(local, 'HH:mm:ss' if seconds else 'HH:mm', locale=_locale(code))}"


def clock_time(value: datetime | None, *, time_zone: str = DEFAULT_TIME_ZONE) -> str:
    """Only the time of day, for what happened today: «14:05»."""
    return "—" if value is None else f"{_local(value, time_zone):%H:%M}"


def _local(value: datetime, time_zone: str = DEFAULT_TIME_ZONE) -> datetime:
    assert value.tzinfo is not None, "moments are aware"
    return value.astimezone(zone(time_zone))


def _locale(code: str) -> str:
    return "uk_UA" if code == "uk" else "en_GB"


def name(thing: Any, lang: str | None = None) -> str:
    """The name of whatever has `name_uk` and `name_en`, in the person's language, else in the other."""
    if thing is None:
        return "—"
    code = lang or language()
    if isinstance(thing, dict):
        own, other = thing.get(f"name_{code}"), thing.get("name_uk")
    else:
        own, other = getattr(thing, f"name_{code}", None), getattr(thing, "name_uk", None)
    return str(own or other or "—")


def yes_no(value: bool | None) -> str:
    return "—" if value is None else str(gettext("yes") if value else gettext("no"))


def word(value: Any) -> str:
    """An enum member's label, translated: its `label` msgid, else its value with spaces."""
    label = getattr(value, "label", None)
    if label is not None:
        return str(gettext(str(label)))
    return str(value.value if isinstance(value, Enum) else value).replace("_", " ")


def can(permission: Permission | str) -> bool:
    """Whether the person may; for showing or leaving out a link, never instead of the check on the route."""
    actor = actor_or_none()
    wanted = Permission[permission] if permission.isupper() else Permission(permission)
    return actor is not None and actor.can(wanted)


_ID = re.compile(r"[^a-zA-Z0-9_-]")


def dom_id(text: Any) -> str:
    return _ID.sub("-", str(text))


def here(**changes: Any) -> str:
    """This page's address with some query values changed; None takes one out. For pagers and filters."""
    args: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), **changes}
    kept = {key: value for key, value in args.items() if value is not None}
    return url_for(request.endpoint or "home.start", **kept)


def attributes(values: dict[str, Any]) -> Markup:
    """HTML attributes from a dictionary: None and False are left out, True stands alone."""
    parts = [
        Markup(" {}").format(key) if value is True else Markup(' {}="{}"').format(key, value)
        for key, value in values.items()
        if value is not None and value is not False
    ]
    return Markup("").join(parts)


def init_app(app: Flask) -> None:
    for filter_ in (qty, number, day, moment, clock_time, name, yes_no, word, dom_id, attributes):
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.globals.update(
        asset=asset,
        can=can,
        here=here,
        language=language,
        languages=LANGUAGES,
        Permission=Permission,
        qty=qty,
        number=number,
        day=day,
        moment=moment,
        name=name,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def _who() -> dict[str, Any]:
        actor = actor_or_none() if has_request_context() else None
        return {"actor": actor, "navigation": navigation(actor)}
