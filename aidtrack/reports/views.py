"""The statement's pages: the statement itself, the lines behind a figure, the files to take away."""

import tempfile
from collections.abc import Iterator
from datetime import date
from typing import IO

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.kernel.quantity import show
from aidtrack.reports import lines as lines_
from aidtrack.reports.delivery import deliver_statement, ready_to_read
from aidtrack.reports.exports import MIME, filename
from aidtrack.reports.figures import Figure
from aidtrack.reports.forms import StatementForm
from aidtrack.reports.getting_ready import wait_for_months
from aidtrack.reports.lines import Which
from aidtrack.reports.periods import last_of_month, usual_periods
from aidtrack.reports.printing import Printed
from aidtrack.reports.scope import (
    WITHOUT_AGREEMENT,
    AskForStatement,
    NamedItem,
    Scope,
    donors_for,
    goods_for,
    scope_for,
)
from aidtrack.reports.snapshot import snapshot
from aidtrack.reports.statements import Statement, make, statement
from aidtrack.reports.words import KINDS, PERIODS, cause_name, figure_name, month_name
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import day, number
from aidtrack.web.forms import read_day
from aidtrack.web.i18n import language
from aidtrack.web.paging import download

bp = Blueprint("reports", __name__)
CHUNK = 64 * 1024


@bp.get("/statements")
@requires(Permission.REPORT_STATEMENT)
def statements() -> ResponseReturnValue:
    """One donor's statement; without a choice, the first donor's of this year."""
    actor, now = current_actor(), utc_now()
    waiting = wait_for_months(actor, now)
    if waiting is not None:
        return waiting
    today = local_date(now)
    usual = usual_periods(today)
    with snapshot() as session:
        donors = donors_for(session, actor)
    if not donors:
        return render_template("reports/statement.html", form=None)
    given = MultiDict(request.args)
    given.setdefault("donor", donors[0].code)
    given.setdefault("start", usual["year"].start.isoformat())
    given.setdefault("end", usual["year"].end.isoformat())
    form = StatementForm(formdata=given)
    form.offer_donors(donors)
    chosen = next((donor for donor in donors if donor.code == form.donor.data), None)
    if chosen is None:
        raise NotFound(field="donor")
    with snapshot() as session:
        form.offer_goods(*goods_for(session, chosen.id))
    made = None
    if form.validate() and _both_days(form):
        try:
            with ready_to_read(now) as session:
                made = statement(session, form.asked(), actor=actor, now=now)
        except DomainError as error:
            form.show(error)
    printed = Printed(made, language(), now, None) if made else None
    page = render_template(
        "reports/statement.html",
        form=form,
        made=made,
        printed=printed,
        usual=[(gettext(PERIODS[name]), period) for name, period in usual.items()],
        heads=_heads(printed) if printed else [],
        link=_Links(form.asked()) if made else None,
        month_name=lambda month: month_name(month, language()),
        last_of_month=last_of_month,
        cause_name=cause_name,
        figure_name=figure_name,
        Figure=Figure,
        formats=list(MIME),
    )
    return page, 200 if made else 422


def _heads(printed: Printed) -> list[str]:
    return [
        gettext("Agreement"),
        gettext("Item"),
        *map(figure_name, printed.figures),
        gettext("Issues"),
        gettext("Households"),
        gettext("Persons"),
    ]


def _both_days(form: StatementForm) -> bool:
    for field in (form.start, form.end):
        if field.data is None:
            field.errors = [*field.errors, gettext("This field is required.")]
    return form.start.data is not None and form.end.data is not None


class _Links:
    """Addresses of the lines behind figures and of files, for one statement."""

    def __init__(self, asked: AskForStatement) -> None:
        self.asked = asked

    def _arguments(self) -> dict[str, str]:
        asked = self.asked
        found = {"donor": asked.donor, "start": asked.start.isoformat(), "end": asked.end.isoformat()}
        found |= {"agreement": asked.agreement} if asked.agreement else {}
        found |= {"item": asked.item} if asked.item else {}
        return found

    def arguments(
        self,
        figure: Figure,
        line: object | None = None,
        *,
        cause: str | None = None,
        place: str | None = None,
        month: date | None = None,
        people: bool = False,
    ) -> dict[str, str]:
        """Query values for `reports.lines`."""
        found = {**self._arguments(), "figure": figure.value}
        if line is not None:
            agreement = getattr(line, "agreement", None)
            found["agreement"] = agreement.code if agreement is not None else WITHOUT_AGREEMENT
            found["item"] = getattr(line, "item").code  # noqa: B009
        if month is not None:
            found["start"] = max(month, self.asked.start).isoformat()
            found["end"] = min(last_of_month(month), self.asked.end).isoformat()
        more = {"cause": cause, "place": place, "people": "1" if people else None}
        return found | {name: value for name, value in more.items() if value is not None}

    def file(self, fmt: str) -> dict[str, str]:
        return {**self._arguments(), "format": fmt}


@bp.get("/statements/lines")
@requires(Permission.REPORT_STATEMENT)
def lines() -> ResponseReturnValue:
    """The lines behind one figure or one reached count."""
    actor, now = current_actor(), utc_now()
    asked = _asked()
    figure = _figure()
    waiting = wait_for_months(actor, now)
    if waiting is not None:
        return waiting
    people = request.args.get("people") == "1" and figure is Figure.HANDED_OUT
    with ready_to_read(now) as session:
        scope = scope_for(session, asked, actor=actor, now=now)
        which = Which(figure, scope.goods, scope.period, _place_id(scope), _cause(figure), people)
        shelves = lines_.shelves(session, scope, which) if figure in lines_.SHELVES else None
        page = None if shelves is not None else lines_.page(session, scope, which, after=_after())
        made = make(session, scope)
    whole = which.place_id is None and which.cause is None and not people
    reached = made.reached
    if which.place_id is not None:
        reached = next(
            (row.reached for row in made.by_place if row.place and row.place.id == which.place_id), None
        )
    place = scope.places[which.place_id] if which.place_id is not None else None
    about = [
        (gettext("Donor"), scope.donor.name(language())),
        (gettext("Period"), f"{day(scope.period.start)} – {day(scope.period.end)}"),
        *([(gettext("Place"), place.name(language()))] if place else []),
        *([(gettext("Cause"), cause_name(which.cause))] if which.cause is not None else []),
    ]
    if whole:
        about += [
            (item.name(language()), show(units, item.unit, language()))
            for item, units in _totals(made, figure)
        ]
    elif people and reached is not None:
        about += [
            (gettext("Issues"), number(reached.issues)),
            (gettext("Households"), number(reached.households)),
            (gettext("Persons"), number(reached.persons)),
        ]
    return render_template(
        "reports/lines.html",
        about=about,
        scope=scope,
        figure=figure,
        title=figure_name(figure),
        page=page,
        shelves=shelves,
        people=people,
        printed=Printed(made, language(), now, None),
        back={"donor": asked.donor, "start": asked.start.isoformat(), "end": asked.end.isoformat()},
        kind_name=lambda kind: gettext(KINDS[kind]),
        cause_name=cause_name,
        cursor=lambda after: f"{after[0].isoformat()}.{after[1]}.{after[2]}",
    )


def _totals(made: Statement, figure: Figure) -> list[tuple[NamedItem, int]]:
    """The figure of each item, over agreements."""
    items = {line.item.id: line.item for line in made.lines}
    return [
        (item, sum(line.balance.of(figure) for line in made.lines if line.item.id == item.id))
        for item in items.values()
    ]


@bp.get("/statements/file")
@requires(Permission.REPORT_STATEMENT)
def file() -> ResponseReturnValue:
    """The statement as a file, made on disk and sent from there."""
    asked, fmt = _asked(), request.args.get("format", "")
    if fmt not in MIME:
        abort(404)
    waiting = wait_for_months(current_actor(), utc_now())
    if waiting is not None:
        return waiting
    # lives as long as the answer is being sent; nothing of it stays
    stream: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        deliver_statement(
            asked, fmt=fmt, stream=stream, actor=current_actor(), now=utc_now(), language=language()
        )
    except BaseException:
        stream.close()
        raise
    size = stream.tell()
    stream.seek(0)
    response: Response = download(_pieces(stream), filename(asked, fmt), MIME[fmt])
    response.headers["Content-Length"] = str(size)
    response.call_on_close(stream.close)
    return response


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        while piece := stream.read(CHUNK):
            yield piece
    finally:
        stream.close()


# -- reading the address -----------------------------------------------------------------------------


def _asked() -> AskForStatement:
    return AskForStatement(
        donor=request.args.get("donor", ""),
        start=_day("start"),
        end=_day("end"),
        agreement=request.args.get("agreement") or None,
        item=request.args.get("item") or None,
    )


def _day(name: str) -> date:
    """A day of an address that our own pages made; anything else is a wrong address."""
    try:
        return read_day(request.args.get(name, ""))
    except ValueError:
        abort(404)


def _figure() -> Figure:
    try:
        return Figure(request.args.get("figure", ""))
    except ValueError:
        abort(404)


def _place_id(scope: Scope) -> int | None:
    code = request.args.get("place")
    if not code:
        return None
    for place in scope.places.values():
        if place.code == code and place.site_id is not None and place.site_id in scope.reach.site_ids:
            return place.id
    raise NotFound(field="place")


def _cause(figure: Figure) -> str | None:
    return request.args.get("cause") if figure is Figure.LOST else None


def _after() -> lines_.Cursor | None:
    """Where the page before ended: «2022-09-04.17.31»."""
    text = request.args.get("after")
    if not text:
        return None
    first, _, numbers = text.partition(".")
    entry, _, move = numbers.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (entry, move)):
        abort(404)
    try:
        return date.fromisoformat(first), int(entry), int(move)
    except ValueError:
        abort(404)
