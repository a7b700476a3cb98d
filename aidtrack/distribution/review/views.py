"""The list of what a person should read, and each story with its settlement."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.field import returning
from aidtrack.distribution.field.returning import GivenLot
from aidtrack.distribution.models import CaseKind, Choice
from aidtrack.distribution.models.field import FieldEventType
from aidtrack.distribution.paper.words import REFUSALS
from aidtrack.distribution.review import details, queries, services
from aidtrack.distribution.review.choices import HOW_LABELS, KINDS, LABELS, of_paper, offered
from aidtrack.distribution.review.forms import SameForm, SettleForm
from aidtrack.distribution.review.kept import may_read_family
from aidtrack.distribution.review.stories import NOTES, TYPES, told, why_kept
from aidtrack.inventory.forms.shared import by_id
from aidtrack.inventory.queries import catalogue
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import Page, bounds, current_actor, page_number, requires
from aidtrack.web.filters import moment

bp = Blueprint("reviews", __name__)


def _same(twin: queries.FamilyHandout, choice: Choice) -> services.Settle:
    said = _("The same handout, recorded %(when)s by %(who)s.", when=moment(twin.at), who=twin.actor_label)
    return services.Settle(choice, said)


def _lots(handout_id: int | None) -> list[GivenLot]:
    """What could be brought back of the handout that is asked about."""
    if handout_id is None:
        return []
    return [lot for lot in returning.given_lots(read_session(), handout_id) if lot.left]


def _said(form: SettleForm, lots: list[GivenLot], same: services.Settle | None) -> services.Settle | None:
    """What was pressed or filled in; None where nothing was sent, or something in it is wrong."""
    if same is not None or not form.validate_on_submit():
        return same
    items: dict[int, ItemRow] = by_id(catalogue.items(read_session(), {lot.item_id for lot in lots}))
    return form.to_command(lots, items)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "case_kinds": KINDS,
        "CaseKind": CaseKind,
        "choice_labels": LABELS,
        "how_labels": HOW_LABELS,
        "story_types": TYPES,
    }


@bp.get("/reviews")
@requires(Permission.REVIEW_SETTLE)
def index() -> ResponseReturnValue:
    session, actor = read_session(), current_actor()
    wanted = request.args.get("kind", "")
    kind = CaseKind(wanted) if wanted in {known.value for known in CaseKind} else None
    settled = request.args.get("settled") == "1"
    number = page_number()
    limit, offset = bounds(number)
    rows, total = queries.cases(
        session, actor=actor, open_only=not settled, kind=kind, limit=limit, offset=offset
    )
    noted = queries.noted_rows(session, actor=actor) if not settled and kind is None else []
    return render_template(
        "review/index.html",
        page=Page(rows, number, total),
        counts=queries.open_counts(session, actor=actor),
        kind=kind,
        settled=settled,
        noted=noted,
        refusals=REFUSALS,
    )


@bp.route("/reviews/<int:case_id>", methods=["GET", "POST"])
@requires(Permission.REVIEW_SETTLE)
def case(case_id: int) -> ResponseReturnValue:
    """One story: what may have happened, what was handed out here and elsewhere, and what follows."""
    session, actor = read_session(), current_actor()
    found = queries.case_by_id(session, case_id, actor=actor)
    form, same = SettleForm(), SameForm()
    twin = services.twin_of(session, found)
    form.offer(offered(found.kind, found.notes or (), twin=twin is not None))
    is_handout = found.settled_at is None and found.event_type is FieldEventType.HANDOUT
    lots = _lots(found.handout_id if is_handout else None)
    form.line_up(lots)
    pressed = twin is not None and "same" in request.form and same.validate_on_submit()
    command = _said(form, lots, _same(twin, Choice.POSTED_TWICE) if pressed and twin else None)
    if command is not None:
        try:
            with unit_of_work() as unit:
                services.settle_case(unit, case_id, command, actor=actor, now=utc_now())
        except DomainError as error:
            if error.status == 403:
                form.form_errors = [*form.form_errors, _(error.text)]
            else:
                form.show(error)
        else:
            flash(_("Settled. The family's next round is untouched."), "success")
            return redirect(url_for("reviews.index"), code=303)
    with unit_of_work() as unit:
        story = services.read_kept(unit, case_id, actor=actor, now=utc_now())
        said = None
        if story is not None and may_read_family(actor) and request.args.get("family") == "1":
            services.record_reading(unit, case_id, actor=actor, now=utc_now())
            said = story
    session = read_session()
    kept = "without_voucher" if "without_voucher" in (found.notes or []) else found.kept_reason
    page = render_template(
        "review/case.html",
        case=found,
        form=form,
        same=same,
        twin=twin if found.settled_at is None else None,
        lots={str(lot.lot_id): lot for lot in lots},
        explanations=told(found.kind, kept),
        notes=[NOTES[note] for note in found.notes or [] if note in NOTES],
        kept=why_kept(kept) if found.kind is CaseKind.KEPT else None,
        handouts=queries.family_handouts(session, found.entitlement_id) if found.entitlement_id else [],
        copies=details.copies_posted(session, found.event_id, actor=actor) if found.event_id else [],
        short=details.short_lots(session, found.event_id) if found.event_id else [],
        missing=details.missing_numbers(session, found.device_id)
        if found.kind is CaseKind.GAP and found.device_id
        else [],
        can_ask_family=story is not None and may_read_family(actor),
        story=story,
        said=said,
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/reviews/paper/<int:list_id>", methods=["GET", "POST"])
@requires(Permission.REVIEW_SETTLE)
def paper_row(list_id: int) -> ResponseReturnValue:
    """A signed row of a paper list that could not be recorded."""
    session, actor = read_session(), current_actor()
    sent = request.args.get("row", "")
    number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0
    row = queries.noted_row(session, list_id, number, actor=actor)
    handouts = queries.family_handouts(session, row.entitlement_id) if row.entitlement_id else []
    twin = queries.probably_the_same(handouts, place_id=row.place_id, on=row.happened_on, but=row.extra_id)
    form, same = SettleForm(), SameForm()
    form.offer(of_paper(extra=row.extra_id is not None, whole=queries.says_all(row)))
    lots = _lots(row.extra_id if row.settled_at is None else None)
    form.line_up(lots)
    pressed = twin is not None and "same" in request.form and same.validate_on_submit()
    one = Choice.EXPLAINED if row.extra_id is None else Choice.POSTED_TWICE
    command = _said(form, lots, _same(twin, one) if pressed and twin else None)
    if command is not None:
        try:
            with unit_of_work() as unit:
                services.settle_row(unit, list_id, number, command, actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Settled. The family's next round is untouched."), "success")
            return redirect(url_for("reviews.index"), code=303)
    page = render_template(
        "review/paper_row.html",
        row=row,
        form=form,
        same=same,
        twin=twin if row.settled_at is None else None,
        lots={str(lot.lot_id): lot for lot in lots},
        refusals=REFUSALS,
        said=queries.said_goods(session, row),
        handouts=handouts,
    )
    return page, 422 if form.is_submitted() else 200
