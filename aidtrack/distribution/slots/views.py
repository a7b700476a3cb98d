"""Pages of planning: a round's times, a family's time, all voucher holders at once, whom to phone."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.queries import find_household
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import RoundState
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id, rounds
from aidtrack.distribution.slots import queries, services
from aidtrack.distribution.slots.arrivals import TOLERANCES, USUAL, shares
from aidtrack.distribution.slots.commands import Book
from aidtrack.distribution.slots.forms import BookForm, CapacityForm, TimesForm
from aidtrack.distribution.slots.queries import SlotRow
from aidtrack.distribution.slots.services.holding import local
from aidtrack.distribution.slots.times import minute_at
from aidtrack.distribution.slots.windows import fits
from aidtrack.distribution.slots.words import for_templates, when, whom
from aidtrack.inventory.queries.catalogue import places
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import Page, bounds, current_actor, language, page_number, requires
from aidtrack.web.forms import EmptyForm, choices, read_day

bp = Blueprint("slots", __name__, url_prefix="/slots")


@bp.context_processor
def _words() -> dict[str, Any]:
    return for_templates()


@bp.get("")
@requires(Permission.SLOTS_RUN)
def index() -> ResponseReturnValue:
    """Points with a queue today, and the rounds that have or can have times."""
    session, actor, now = read_session(), current_actor(), utc_now()
    open_rounds = [
        row
        for row in rounds(session, actor=actor)
        if row.state is not RoundState.CLOSED and row.last_day >= local_date(now, row.time_zone)
    ]
    busy = {row.place_id for row in open_rounds}
    today = []
    for place in places(session, actor, active_only=True):
        if place.id in busy:
            queue = queries.queue(session, place.id, local_date(now, place.time_zone))
            if queue:
                today.append((place, queue, queries.running_pause(session, place.id)))
    return render_template(
        "slots/index.html",
        today=today,
        rounds=open_rounds,
        times=queries.rounds_with_times(session, [row.id for row in open_rounds]),
    )


@bp.get("/rounds/<int:round_id>")
@requires(Permission.ROUND_READ)
def of_round(round_id: int) -> ResponseReturnValue:
    """A round's times with how many are booked, and who came in time. No family is named."""
    session, actor, now = read_session(), current_actor(), utc_now()
    round_ = round_by_id(session, round_id, actor=actor)
    asked = request.args.get("tolerance", "")
    tolerance = int(asked) if asked in {str(known) for known in TOLERANCES} else USUAL
    slots = queries.slots_of_round(session, round_id)
    days: dict[Any, list[SlotRow]] = {}
    for slot in slots:
        days.setdefault(slot.day, []).append(slot)
    kinds = dict(queries.category_choices(session, language()))
    return render_template(
        "slots/round.html",
        round=round_,
        days=days,
        for_whom={slot.id: whom(slot.letters, slot.category, kinds) for slot in slots},
        shares=shares(queries.arrivals(session, round_id, now=now), tolerance=tolerance),
        tolerance=tolerance,
        tolerances=TOLERANCES,
        told=queries.untold_by_day(session, round_id),
        today=local_date(now, round_.time_zone),
        waiting=len(queries.holders(session, round_id)) if actor.can(Permission.SLOTS_PLAN) else 0,
    )


@bp.route("/rounds/<int:round_id>/new", methods=["GET", "POST"])
@requires(Permission.SLOTS_PLAN)
def new(round_id: int) -> ResponseReturnValue:
    session, now = read_session(), utc_now()
    round_ = round_by_id(session, round_id, actor=current_actor())
    form = TimesForm(data={"day": max(round_.first_day, local_date(now, round_.time_zone))})
    form.offer(queries.category_choices(session, language()))
    if form.validate_on_submit():
        try:
            command = form.to_command(round_id)
            with unit_of_work() as unit:
                count = services.make_times(unit, command, actor=current_actor(), now=now)
        except DomainError as error:
            form.show(error)
        else:
            flash(ngettext("%(num)d time was made.", "%(num)d times were made.", count), "success")
            return redirect(url_for("slots.of_round", round_id=round_id), code=303)
    page = render_template("slots/new.html", form=form, round=round_)
    return page, 422 if form.is_submitted() else 200


@bp.route("/times/<int:slot_id>", methods=["GET", "POST"])
@requires(Permission.SLOTS_PLAN)
def one(slot_id: int) -> ResponseReturnValue:
    """Change how many may come at a time, or take it away."""
    slot = queries.slot_by_id(read_session(), slot_id, actor=current_actor())
    round_ = round_by_id(read_session(), slot.round_id, actor=current_actor())
    form = CapacityForm(data={"capacity": slot.capacity})
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.change_capacity(
                    unit, slot_id, form.capacity.data or 0, actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The time was changed."), "success")
            return redirect(url_for("slots.of_round", round_id=round_.id), code=303)
    page = render_template(
        "slots/one.html", form=form, slot=slot, round=round_, removing=EmptyForm(formdata=None)
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/times/<int:slot_id>/remove")
@requires(Permission.SLOTS_PLAN)
def remove(slot_id: int) -> ResponseReturnValue:
    slot = queries.slot_by_id(read_session(), slot_id, actor=current_actor())
    round_id = slot.round_id
    try:
        with unit_of_work() as unit:
            services.remove_slot(unit, slot_id, actor=current_actor(), now=utc_now())
    except DomainError as error:
        round_ = round_by_id(read_session(), round_id, actor=current_actor())
        form = CapacityForm(formdata=None, data={"capacity": slot.capacity})
        form.show(error)
        page = render_template(
            "slots/one.html", form=form, slot=slot, round=round_, removing=EmptyForm(formdata=None)
        )
        return page, 422
    flash(_("The time was taken away."), "success")
    return redirect(url_for("slots.of_round", round_id=round_id), code=303)


@bp.route("/rounds/<int:round_id>/spread", methods=["GET", "POST"])
@requires(Permission.SLOTS_PLAN)
def spread(round_id: int) -> ResponseReturnValue:
    """A time for every family with a voucher and without a time; asked on a page that says how many."""
    session, now = read_session(), utc_now()
    round_ = round_by_id(session, round_id, actor=current_actor())
    form = EmptyForm()
    without: tuple[int, ...] = ()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                made = services.spread_holders(unit, round_id, actor=current_actor(), now=now)
        except DomainError as error:
            form.show(error)
        else:
            flash(
                ngettext("%(num)d family has a time now.", "%(num)d families have a time now.", made.booked),
                "success",
            )
            if not made.without:
                return redirect(url_for("slots.of_round", round_id=round_id), code=303)
            without = made.without
    free = _ahead(read_session(), round_)
    page = render_template(
        "slots/spread.html",
        form=form,
        round=round_,
        waiting=len(queries.holders(read_session(), round_id)),
        free=sum(slot.free for slot in free),
        times=len(free),
        without=len(without),
    )
    return page, 422 if form.is_submitted() and not without else 200


def _ahead(session: Session, round_: RoundRow, *, going_on: bool = False) -> list[SlotRow]:
    now = utc_now()
    today = local_date(now, round_.time_zone)
    return queries.ahead(
        queries.slots_of_round(session, round_.id),
        today=today,
        minute=minute_at(now, today, local(round_.time_zone)),
        going_on=going_on,
    )


@bp.route("/rounds/<int:round_id>/families/<int:household_id>", methods=["GET", "POST"])
@requires(Permission.SLOTS_PLAN, Permission.HOUSEHOLD_READ)
def family(round_id: int, household_id: int) -> ResponseReturnValue:
    """Book a family's time, change it or cancel it. The family is named by its registration number."""
    session, actor = read_session(), current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    key = find_household(session, household_id, actor)
    present = queries.booking_of(session, round_id, household_id)
    free = _ahead(session, round_, going_on=True)
    about = queries.families(
        session, [household_id], {slot.window for slot in free}, on=local_date(utc_now(), round_.time_zone)
    )[household_id]
    kinds = dict(queries.category_choices(session, language()))
    form = BookForm()
    form.slot_id.choices = choices(
        (slot.id, _label(slot, kinds)) for slot in free if fits(slot.window, about)
    )
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                ticket = services.book(
                    unit, Book(round_id, household_id, form.slot_id.data), actor=actor, now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The time is booked. Number for that day: %(number)s.", number=ticket), "success")
            return redirect(url_for("slots.family", round_id=round_id, household_id=household_id), code=303)
    page = render_template(
        "slots/family.html",
        form=form,
        round=round_,
        key=key,
        booking=present,
        can_collect=queries.can_collect(read_session(), round_id, household_id),
        cancelling=EmptyForm(formdata=None),
    )
    return page, 422 if form.is_submitted() else 200


def _label(slot: SlotRow, kinds: dict[str, str]) -> str:
    text = _("%(when)s · free: %(free)s", when=when(slot.day, slot.starts, slot.ends), free=slot.free)
    kept = whom(slot.letters, slot.category, kinds)
    return f"{text} · {kept}" if kept else text


@bp.post("/rounds/<int:round_id>/families/<int:household_id>/cancel")
@requires(Permission.SLOTS_PLAN, Permission.HOUSEHOLD_READ)
def cancel(round_id: int, household_id: int) -> ResponseReturnValue:
    with unit_of_work() as unit:
        services.cancel(unit, round_id, household_id, actor=current_actor(), now=utc_now())
    flash(_("The time was cancelled. Its place is free for others."), "success")
    return redirect(url_for("slots.family", round_id=round_id, household_id=household_id), code=303)


@bp.route("/rounds/<int:round_id>/phone-list", methods=["GET", "POST"])
@requires(Permission.SLOTS_PLAN, Permission.HOUSEHOLD_READ)
def phone_list(round_id: int) -> ResponseReturnValue:
    """Whom to phone about their time: names and phones, 25 on a page, each look logged."""
    actor, now = current_actor(), utc_now()
    round_ = round_by_id(read_session(), round_id, actor=actor)
    moved = request.args.get("moved") == "1"
    untold = request.args.get("untold") == "1"
    try:
        on = read_day(request.args.get("day", ""))
    except ValueError:
        on = local_date(now, round_.time_zone)
    form = EmptyForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            told, shown = _numbers("told"), _numbers("shown")
            services.mark_told(unit, round_id, told, told=True, actor=actor, now=now)
            services.mark_told(unit, round_id, shown - told, told=False, actor=actor, now=now)
        flash(_("Saved."), "success")
        return redirect(request.full_path.rstrip("?"), code=303)
    number = page_number()
    limit, offset = bounds(number)
    with unit_of_work() as unit:
        rows, total = queries.reminders(
            unit,
            round_id,
            None if moved else on,
            untold_only=untold,
            moved_only=moved,
            limit=limit,
            offset=offset,
        )
        budget.spend(unit, listing=[row.household_id for row in rows], actor=actor, now=now)
        audit.record(
            unit, actor=actor, action="read.household_list", object_type="household", site_id=round_.site_id,
            facts={"by": "phone_list", "households": [row.household_id for row in rows]}, now=now,
        )  # fmt: skip
    lost = _lost_now(round_) if moved else set()
    return render_template(
        "slots/phone_list.html",
        form=form,
        round=round_,
        on=on,
        moved=moved,
        untold=untold,
        page=Page(rows, number, total),
        phone=shown_phone,
        lost=lost,
        days=sorted(queries.untold_by_day(read_session(), round_id)),
    )


def _lost_now(round_: RoundRow) -> set[int]:
    """Bookings whose time a pause of today took and that have none instead."""
    from aidtrack.inventory.queries.catalogue import place

    session = read_session()
    found = place(session, current_actor(), round_.place_id)
    return set(services.affected(session, found, local_date(utc_now(), round_.time_zone)))


def _numbers(name: str) -> set[int]:
    sent = request.form.getlist(name)
    return {int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 19}


def section(session: Session, file: HouseholdFile, actor: Actor) -> Markup:
    """The part of a family's page that shows its times."""
    if not actor.can(Permission.SLOTS_PLAN):
        return Markup("")
    page = render_template(
        "slots/_section.html",
        file=file,
        rounds=queries.rounds_to_collect_in(session, file.key.id),
        booked=queries.bookings_of_household(session, file.key.id),
        **for_templates(),
    )
    return Markup(page)  # noqa: S704  (our own template, escaped by Jinja)
