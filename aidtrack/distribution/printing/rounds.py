"""A round's vouchers from the database into a PDF."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import BinaryIO

from babel.dates import format_date
from flask import current_app
from sqlalchemy.orm import Session

from aidtrack.distribution.printing.sheets import write_vouchers
from aidtrack.distribution.printing.texts import FOOT, CardText, CardWords, Layout, RoundText
from aidtrack.distribution.queries.printed import PrintRow, print_rows
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.queries.vouchers import DueLine, profile_lines
from aidtrack.distribution.slots.queries import rounds_with_times
from aidtrack.distribution.slots.times import clock
from aidtrack.kernel.quantity import NO_BREAK_SPACE, show


def print_round(
    session: Session,
    target: BinaryIO,
    round_: RoundRow,
    voucher_ids: Sequence[int],
    *,
    layout: Layout,
    words: CardWords,
    language: str,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write these open vouchers of the round, in the order of the ids, and count them.

    Reads only; `services.mark_printed` comes first and is a transaction of its own, so that no lock is
    held while a thousand pages are drawn.
    """
    due = {
        profile: [due_text(line, language) for line in lines]
        for profile, lines in profile_lines(session, round_.id).items()
    }
    cards = (_card(row, words, language) for row in print_rows(session, round_, list(voucher_ids)))
    return write_vouchers(
        target,
        cards,
        layout=layout,
        words=words,
        round_=round_text(session, round_, language),
        due=due,
        language=language,
        progress=progress,
    )


def picture_of(
    session: Session, round_: RoundRow, voucher_id: int, *, words: CardWords, language: str
) -> bytes:
    """One open voucher as a PNG; `services.mark_printed` comes first, as for paper."""
    from aidtrack.distribution.printing import picture

    (row,) = print_rows(session, round_, [voucher_id])
    due = [due_text(line, language) for line in profile_lines(session, round_.id)[row.profile_id]]
    card = _card(row, words, language)
    return picture.png(card, words, round_text(session, round_, language), due)


def _card(row: PrintRow, words: CardWords, language: str) -> CardText:
    time = None
    if row.booked is not None:
        day, starts, ends, number = row.booked
        time = (f"{words.time} {number}", f"{days_text(day, day, language)}, {clock(starts)}–{clock(ends)}")
    return CardText(row.profile_id, row.serial, row.typed_code, row.code, row.head, time)


def round_text(session: Session, round_: RoundRow, language: str) -> RoundText:
    return RoundText(
        code=round_.code,
        place=round_.name_of("place", language),
        address=round_.place_address_uk,
        days=days_text(round_.first_day, round_.last_day, language),
        hours=round_.hours,
        timed=bool(rounds_with_times(session, [round_.id])),
        feedback=_foot(session),
    )


def _foot(session: Session) -> str | None:
    """The centre's short address for feedback, from the room that takes it, if there is one."""
    known: Callable[[Session], str | None] | None = current_app.extensions.get(FOOT)
    return None if known is None else known(session)


def due_text(line: DueLine, language: str) -> str:
    quantity = show(line.units, line.base_unit, language)
    return f"{line.name_of('item', language)} —{NO_BREAK_SPACE}{quantity}"


def days_text(first: date, last: date, language: str) -> str:
    """«22.11.2026 – 28.11.2026»; the month in words in English, where 01.09 would be January."""
    pattern, locale = ("dd.MM.y", "uk_UA") if language == "uk" else ("d MMM y", "en_GB")
    begins = format_date(first, pattern, locale=locale)
    return begins if first == last else f"{begins} – {format_date(last, pattern, locale=locale)}"
