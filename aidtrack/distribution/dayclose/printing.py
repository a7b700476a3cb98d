"""The act of a closed day as PDF: the count, the tally, the vouchers, the phones, and who signs."""

from collections.abc import Sequence
from typing import IO, Any

from flask_babel import gettext as _
from reportlab.lib.units import mm

from aidtrack.distribution.dayclose.day import GivenItem, PersonTally, Phone, RoundOfDay
from aidtrack.distribution.dayclose.queries import CloseRow, CountLine
from aidtrack.distribution.models import DayState
from aidtrack.kernel.quantity import show
from aidtrack.web.filters import day, moment, number, word
from aidtrack.web.official import (
    HEAD,
    MIDDLE,
    NUMBER,
    SECTION,
    STRONG_NUMBER,
    TEXT,
    WIDTH,
    Head,
    grid,
    signatures,
    text,
    write,
)


def write_act(
    stream: IO[bytes],
    close: CloseRow,
    lines: Sequence[CountLine],
    *,
    organisation: str,
    tally: Sequence[PersonTally],
    given: Sequence[GivenItem],
    rounds: Sequence[RoundOfDay],
    phones: Sequence[Phone],
    later: int,
    language: str,
) -> None:
    """Write the act of a closed (or reopened) day. No family is named on it."""
    head = Head(
        organisation=organisation,
        title=_("ACT No. %(number)s", number=close.number),
        under=(
            _("of closing the day and counting what is left"),
            f"{close.name_of('place', language)}, {day(close.day, language, form='long')}",
        ),
        foot=_(
            "Act %(number)s · ledger up to entry no. %(entry)s",
            number=close.number,
            entry=close.book_entry_id,
        ),
        page_words=lambda page, pages: str(_("page %(page)s of %(pages)s", page=page, pages=pages)),
        language=language,
    )
    story: list[Any] = []
    if close.state is DayState.REOPENED:
        story.append(
            text(_("Reopened on %(moment)s by %(who)s: %(reason)s", moment=moment(close.reopened_at, language), who=close.reopened_by, reason=close.reopen_reason), TEXT)
        )  # fmt: skip
    story += [
        text(_("Book taken: %(moment)s, entry no. %(number)s. Counted by %(who)s without looking at the book.", moment=moment(close.book_at, language), number=close.book_entry_id, who=close.counted_by), TEXT),
        text(_("1. Goods left"), SECTION),
        _count(lines, by_item=close.by_item, language=language),
        text(_("2. Who handed out"), SECTION),
        *_tally(tally),
        *_given(given, language),
        text(_("3. Vouchers"), SECTION),
        *_vouchers(rounds),
        text(_("4. Phones"), SECTION),
        *_phones(close, phones, language),
    ]  # fmt: skip
    if later:
        story.append(
            text(
                _("Handouts of this day that came in after it was closed: %(count)s.", count=number(later)),
                TEXT,
            )
        )
    if close.note:
        story.append(text(_("Note: %(note)s", note=close.note), TEXT))
    second = _("Second person: %(who)s", who=close.approved_by) if close.approved_by else _("Second person")
    posts = [
        _("Counted by: %(who)s", who=close.counted_by or "—"),
        second,
        _("Materially responsible person"),
    ]
    story.append(signatures(posts, (_("(signature)"), _("(initials, surname)"))))
    write(stream, head, story)


def _count(lines: Sequence[CountLine], *, by_item: bool, language: str) -> Any:
    heads = [
        _("No."),
        _("Item"),
        _("Lot, batch, expiry date"),
        _("Book"),
        _("On the shelf"),
        _("Difference"),
        _("Why"),
    ]
    rows: list[list[Any]] = [[text(head, HEAD) for head in heads]]
    for line in lines:
        lot = line.lots[0]
        marks = [", ".join(one.code for one in line.lots)] if not by_item or len(line.lots) < 4 else []
        if lot.batch:
            marks.append(_("batch %(batch)s", batch=lot.batch))
        if lot.expires_on:
            marks.append(_("until %(day)s", day=day(lot.expires_on, language)))
        difference = line.difference
        sign = "−" if difference < 0 else "+"
        rows.append(
            [
                text(str(line.position), MIDDLE),
                text(line.name_of("item", language)),
                text("; ".join(marks)),
                text(show(line.book_units, line.base_unit, language), NUMBER),
                text(show(line.counted_units or 0, line.base_unit, language), NUMBER),
                text(f"{sign}{show(abs(difference), line.base_unit, language)}" if difference else "—", STRONG_NUMBER),
                text(f"{word(line.cause)}: {line.reason}" if difference and line.cause else ""),
            ]
        )  # fmt: skip
    widths = [10 * mm, 56 * mm, 62 * mm, 28 * mm, 28 * mm, 28 * mm]
    return grid(rows, [*widths, WIDTH - sum(widths)])


def _tally(tally: Sequence[PersonTally]) -> list[Any]:
    if not tally:
        return [text(_("No handout of this day is recorded here."), TEXT)]
    heads = [_("Person"), _("Handed out"), _("of it partly"), _("Undone"), _("Stands")]
    rows: list[list[Any]] = [[text(head, HEAD) for head in heads]]
    figures = [(row.actor_label, row.given, row.partial, row.undone, row.standing) for row in tally]
    total = [sum(counts) for counts in zip(*(figure[1:] for figure in figures), strict=True)]
    rows += [[text(figure[0]), *(text(number(count), NUMBER) for count in figure[1:])] for figure in figures]
    rows.append([text(_("Total"), HEAD), *(text(number(count), STRONG_NUMBER) for count in total)])
    return [grid(rows, [80 * mm, 28 * mm, 28 * mm, 28 * mm, 28 * mm])]


def _given(given: Sequence[GivenItem], language: str) -> list[Any]:
    if not given:
        return []
    goods = "; ".join(
        f"{row.name_of('item', language)} — {show(row.units, row.base_unit, language)}" for row in given
    )
    return [text(_("Handed out in all: %(goods)s.", goods=goods), TEXT)]


def _vouchers(rounds: Sequence[RoundOfDay]) -> list[Any]:
    if not rounds:
        return [text(_("No round handed out here on this day."), TEXT)]
    heads = [
        _("Round"), _("Printed"), _("Collected"), _("Partly collected"), _("Void"), _("Expired"), _("Not collected yet"),
        _("of them back in the office"), _("Not accounted for"),
    ]  # fmt: skip
    rows: list[list[Any]] = [[text(head, HEAD) for head in heads]]
    for row in rounds:
        count = row.count
        figures = (
            count.printed, count.redeemed, count.partly_redeemed, count.void, count.expired, count.open,
            row.returned, count.gap,
        )  # fmt: skip
        rows.append([text(row.round.code), *(text(number(figure), NUMBER) for figure in figures)])
    return [grid(rows, [WIDTH - 8 * 26 * mm, *[26 * mm] * 8])]


def _phones(close: CloseRow, phones: Sequence[Phone], language: str) -> list[Any]:
    if not phones:
        return [text(_("No phone was enrolled for the rounds of this day."), TEXT)]
    story: list[Any] = []
    if close.unsent_events:
        story.append(
            text(_("When the day was closed the phones still held handouts that were not sent: %(events)s.", events=number(close.unsent_events)), TEXT)
        )  # fmt: skip
    heads = [_("Phone"), _("Person"), _("Unsent"), _("Last heard")]
    rows: list[list[Any]] = [[text(head, HEAD) for head in heads]]
    for phone in phones:
        held = _("not known") if phone.unsent is None else number(phone.unsent)
        heard = moment(phone.last_seen_at, language) if phone.last_seen_at else "—"
        rows.append([text(phone.label), text(phone.person), text(held, NUMBER), text(heard)])
    story.append(grid(rows, [80 * mm, 80 * mm, 26 * mm, 40 * mm]))
    return story
