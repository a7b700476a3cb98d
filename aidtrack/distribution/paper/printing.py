"""The numbered list for a power cut and the issue sheet as PDF, A4 landscape."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

from flask_babel import gettext as _
from reportlab.lib.units import mm

from aidtrack.distribution.models import Collector
from aidtrack.distribution.paper.queries import ListRow, RowRow
from aidtrack.distribution.paper.sheet import Sheet, SheetRow, Signed
from aidtrack.distribution.printing.rounds import due_text
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.queries.vouchers import DueLine
from aidtrack.kernel.quantity import show
from aidtrack.web.filters import day, number
from aidtrack.web.official import (
    FINE,
    HEAD,
    MIDDLE,
    NUMBER,
    STRONG,
    STRONG_NUMBER,
    TEXT,
    WIDTH,
    Head,
    grid,
    signatures,
    text,
    write,
)

HAND_ROW = 11 * mm  # a signature needs its height
NARROWEST = 17 * mm


def page_words(page: int, pages: int) -> str:
    return str(_("page %(page)s of %(pages)s", page=page, pages=pages))


def signing_words() -> tuple[str, str]:
    return _("(signature)"), _("(initials, surname)")


def write_list(
    stream: IO[bytes],
    made: ListRow,
    rows: Sequence[RowRow],
    round_: RoundRow,
    *,
    organisation: str,
    due: Mapping[int, Sequence[DueLine]],
    names: Mapping[int, str] | None,
    language: str,
) -> None:
    """The list as it lies on the table: what is due on each voucher, and room for day and signature.

    Args:
        names: heads' short names by voucher, where the list carries them.
    """
    head = Head(
        organisation=organisation,
        title=_("PAPER LIST No. %(number)s", number=made.number),
        under=(
            _("of handing out humanitarian aid without electricity, round %(code)s", code=round_.code),
            f"{round_.name_of('place', language)}, {day(round_.first_day, language)} – {day(round_.last_day, language)}",
        ),
        foot=_("List %(number)s · round %(code)s", number=made.number, code=round_.code),
        page_words=page_words,
        language=language,
    )
    heads = [
        _("No."),
        _("Voucher No."),
        _("Persons"),
        _("Due"),
        _("Given, if less"),
        _("Date"),
        _("Signature of the recipient"),
    ]
    widths = [10 * mm, 52 * mm, 14 * mm, 72 * mm, 40 * mm, 22 * mm]  # a number that breaks is read wrongly
    if names is not None:
        heads.insert(2, _("Surname, initials"))
        widths = [10 * mm, 52 * mm, 40 * mm, 14 * mm, 54 * mm, 30 * mm, 22 * mm]
    widths.append(WIDTH - sum(widths))
    body: list[list[Any]] = [[text(word, HEAD) for word in heads]]
    for row in rows:
        lines = "; ".join(due_text(line, language) for line in due.get(row.profile_id or 0, ()))
        cells: list[Any] = [
            text(str(row.number), MIDDLE),
            text(row.serial or "", STRONG),
            text(str(row.persons or ""), MIDDLE),
            text(lines, FINE),
            "",
            "",
            "",
        ]
        if names is not None:
            cells.insert(2, text(names.get(row.voucher_id or 0, "")))
        body.append(cells)
    spare = [row.number for row in rows if row.spare]
    story = [
        text(_("One family — one row. Check the number on the voucher, give what is due, let the recipient sign. A family that is not printed here is written into a spare row with the number of its voucher or the code under the square."), TEXT),
        grid(body, widths, row_height=HAND_ROW),
        text(
            _("Printed rows: %(printed)s. Spare rows: %(spare)s.", printed=number(len(rows) - len(spare)), spare=number(len(spare))),
            TEXT,
        ),
        signatures(
            [_("Handed out by"), _("Entered into the system by")],
            signing_words(),
        ),
    ]  # fmt: skip
    write(stream, head, story)


def write_sheet(
    stream: IO[bytes],
    found: Sheet,
    round_: RoundRow,
    *,
    organisation: str,
    names: Mapping[int, str],
    language: str,
) -> None:
    """The issue sheet with the recipients' names, what each was given, and who signs it as the commission."""
    head = Head(
        organisation=organisation,
        title=_("ISSUE SHEET No. %(number)s", number=f"{round_.code}/{found.day:%d.%m.%Y}"),
        under=(
            _("of humanitarian aid handed out on %(day)s", day=day(found.day, language, form="long")),
            _("Programme: %(programme)s. Place: %(place)s", programme=round_.name_of("programme", language), place=_place(round_, language)),
        ),
        foot=_("Issue sheet · round %(code)s · %(day)s", code=round_.code, day=day(found.day, language)),
        page_words=page_words,
        language=language,
    )  # fmt: skip
    columns = max(1, len(found.items))
    fixed = [9 * mm, 46 * mm, 14 * mm, 38 * mm]
    signature = 48 * mm
    each = max(NARROWEST, (WIDTH - sum(fixed) - signature) / columns)
    widths = [*fixed, *[each] * columns]
    widths.append(max(24 * mm, WIDTH - sum(widths)))
    heads = [_("No."), _("Surname, initials"), _("Persons"), _("Voucher No.")]
    heads += [item.name_of("item", language) for item in found.items] or [_("Goods")]
    body: list[list[Any]] = [[text(word, HEAD) for word in (*heads, _("Signature of the recipient"))]]
    for row in found.rows:
        cells = [
            text(str(row.number), MIDDLE),
            text(names.get(row.household_id, "") + (f" ({_('alternate collector')})" if row.collector is Collector.PROXY else "")),
            text(str(row.persons), MIDDLE),
            text(row.serial),
        ]  # fmt: skip
        for item in found.items:
            units = row.units.get(item.item_id, 0)
            cells.append(
                text("—" if row.undone or not units else show(units, item.base_unit, language), NUMBER)
            )
        body.append([*cells, *([] if found.items else [""]), text(_mark(row), MIDDLE)])
    totals: list[Any] = [
        text(show(item.units, item.base_unit, language), STRONG_NUMBER) for item in found.items
    ]
    totals = totals or [""]
    persons = sum(row.persons for row in found.standing)
    body.append(["", text(_("Total"), STRONG), text(number(persons), MIDDLE), "", *totals, ""])
    story = [
        grid(body, widths, row_height=HAND_ROW),
        text(
            _("Families served: %(families)s. Signed on the screen: %(screen)s, on paper: %(paper)s.",
              families=number(len(found.standing)),
              screen=number(sum(row.signed is Signed.SCREEN for row in found.standing)),
              paper=number(sum(row.signed in (Signed.LIST, Signed.SHEET) for row in found.standing))),
            TEXT,
        ),
        signatures(
            [_("Head of the commission"), _("Member of the commission"), _("Member of the commission"), _("Materially responsible person")],
            signing_words(),
        ),
    ]  # fmt: skip
    write(stream, head, story)


def _place(round_: RoundRow, language: str) -> str:
    place = round_.name_of("place", language)
    return f"{place}, {round_.place_address_uk}" if round_.place_address_uk else place


def _mark(row: SheetRow) -> str:
    """What stands in the signature's cell of a family that needs not sign again."""
    if row.undone:
        return str(_("taken back"))
    words = {
        Signed.SCREEN: _("signed on the screen"),
        Signed.LIST: _("signed on the paper list"),
        Signed.SHEET: "",
    }
    return str(words[row.signed]) if row.signed is not None else ""
