"""Vouchers on paper and on the screen. Whoever sees a code holds what the family holds: all is logged."""

import io

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import services
from aidtrack.distribution.forms import OneVoucherForm, PrintForm
from aidtrack.distribution.printing.texts import CardWords, Layout
from aidtrack.distribution.queries.printed import print_rows, printable_ids
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.queries.vouchers import profile_lines, voucher_by_id
from aidtrack.distribution.views.blueprint import bp
from aidtrack.distribution.views.runs import PRINT, printing
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web import Page, bounds, current_actor, download, language, page_number, requires
from aidtrack.web.jobs import Job, jobs

AT_ONCE = 500  # more are printed by a run with progress
ON_SCREEN = 8


def card_words(speaks: str) -> CardWords:
    """The words of the paper in the language chosen for it, which need not be the screen's."""
    with force_locale(speaks):
        return CardWords(
            voucher=_("Voucher"),
            due=_("To collect"),
            where=_("Where"),
            when=_("When"),
            type_code=_("Code to type by hand"),
            number=_("No."),
            time=_("Your time, No."),
            feedback=_("Questions and complaints, also without a name:"),
        )


@bp.route("/rounds/<int:round_id>/print", methods=["GET", "POST"])
@requires(Permission.VOUCHER_ISSUE)
def print_vouchers(round_id: int) -> ResponseReturnValue:
    """Sheets or cards of a round's open vouchers."""
    from aidtrack.distribution.printing.rounds import (
        print_round,  # the drawing library waits for its first use
    )

    session = read_session()
    actor = current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    form = PrintForm()
    if form.validate_on_submit():
        ids = printable_ids(session, round_id, unprinted_only=form.which.data == "unprinted")
        if ids:
            speaks, layout = form.language.data, Layout(form.layout.data)
            words = card_words(speaks)
            with unit_of_work() as unit:
                services.mark_printed(unit, round_, ids, actor=actor, now=utc_now(), form=layout.value)
            name = f"vouchers-{round_.code}.pdf".replace("/", "-")
            if len(ids) <= AT_ONCE:
                body = io.BytesIO()
                print_round(read_session(), body, round_, ids, layout=layout, words=words, language=speaks)
                return download(body.getvalue(), name, "application/pdf", inline=True)

            def work(job: Job) -> None:
                path = jobs().private_file(job, ".pdf")
                job.file, job.filename = path, name
                with path.open("wb") as target:
                    print_round(
                        read_session(), target, round_, ids, layout=layout, words=words, language=speaks,
                        progress=job.progress,
                    )  # fmt: skip

            job = jobs().start(printing(round_id, actor), PRINT, actor.label, work, total=len(ids))
            return redirect(url_for("rounds.run", round_id=round_id, job_id=job.id), code=303)
        flash(_("There is nothing to print: no open voucher fits this choice."), "info")
    unprinted = len(printable_ids(read_session(), round_id, unprinted_only=True))
    all_open = len(printable_ids(read_session(), round_id))
    if not form.is_submitted() and not unprinted:
        form.which.data = "all"
    if not form.is_submitted():
        form.language.data = language()
    return render_template(
        "distribution/print.html", form=form, round=round_, unprinted=unprinted, all_open=all_open
    ), 422 if form.errors else 200


@bp.post("/vouchers/<int:voucher_id>/print")
@requires(Permission.VOUCHER_ISSUE)
def print_one(voucher_id: int) -> ResponseReturnValue:
    """One card, for a late-comer or after a reprint; or a picture of it for the family's phone."""
    from aidtrack.distribution.printing.rounds import picture_of, print_round

    actor = current_actor()
    session = read_session()
    voucher, round_ = voucher_by_id(session, voucher_id, actor=actor)
    form = OneVoucherForm()
    ids = printable_ids(session, round_.id, voucher_ids=[voucher.id])
    if not form.validate_on_submit() or not ids:
        flash(_("There is nothing to print: no open voucher fits this choice."), "info")
        return redirect(url_for("rounds.show_voucher", voucher_id=voucher_id), code=303)
    speaks, as_picture = language(), form.picture.data
    with unit_of_work() as unit:
        kind = "picture" if as_picture else Layout.CARDS.value
        services.mark_printed(unit, round_, ids, actor=actor, now=utc_now(), form=kind)
    name = f"voucher-{voucher.serial}".replace("/", "-")
    if as_picture:
        body = picture_of(read_session(), round_, voucher.id, words=card_words(speaks), language=speaks)
        return download(body, f"{name}.png", "image/png")
    paper = io.BytesIO()
    print_round(
        read_session(), paper, round_, ids, layout=Layout.CARDS, words=card_words(speaks), language=speaks
    )
    return download(paper.getvalue(), f"{name}.pdf", "application/pdf", inline=True)


@bp.get("/rounds/<int:round_id>/codes")
@requires(Permission.VOUCHER_ISSUE)
def codes(round_id: int) -> ResponseReturnValue:
    """Large codes to scan from the screen: for trying the counter without a printer."""
    from aidtrack.distribution.printing import qr

    session = read_session()
    actor = current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    ids = printable_ids(session, round_id)
    number = page_number()
    limit, offset = bounds(number, ON_SCREEN)
    shown = ids[offset : offset + limit]
    if shown:
        with unit_of_work() as unit:
            services.record_reading(unit, round_, len(shown), actor=actor, now=utc_now(), form="screen")
    session = read_session()
    rows = list(print_rows(session, round_, shown))
    return render_template(
        "distribution/codes.html",
        round=round_,
        page=Page(rows, number, len(ids), ON_SCREEN),
        due=profile_lines(session, round_id),
        paths={row.id: qr.svg_path(qr.matrix(row.code)) for row in rows},
        side=qr.SIZE + 2 * qr.QUIET,
    )
