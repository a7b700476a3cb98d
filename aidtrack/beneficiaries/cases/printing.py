"""The papers of cases as PDF: the journal, an agenda with a page for each case, minutes, an extract."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import ngettext
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak

from aidtrack.beneficiaries.cases.commands import ListKind, Result
from aidtrack.beneficiaries.cases.queries.journal import JournalFilter, JournalRow
from aidtrack.beneficiaries.cases.queries.pages import CasePage
from aidtrack.beneficiaries.cases.queries.sittings import CaseRow, SittingFile, SittingRow
from aidtrack.beneficiaries.cases.words import (
    BODY_WORDS,
    CHANNEL_WORDS,
    KIND_WORDS,
    OUTCOME_WORDS,
    RESULT_WORDS,
    STATUS_WORDS,
    grants_text,
    period_text,
)
from aidtrack.web.filters import day, number
from aidtrack.web.official import (
    HEAD,
    MIDDLE,
    NARROW,
    SECTION,
    STRONG,
    TEXT,
    WIDTH,
    Head,
    grid,
    signatures,
    text,
    write,
)


def page_words(page: int, pages: int) -> str:
    return str(_("page %(page)s of %(pages)s", page=page, pages=pages))


def _signing() -> tuple[str, str]:
    return _("(signature)"), _("(initials, surname)")


def write_journal(
    stream: IO[bytes],
    rows: Sequence[JournalRow],
    asked: JournalFilter,
    *,
    part: tuple[int, int] | None = None,
    organisation: str,
    language: str,
) -> None:
    """The journal as the centre keeps it on paper: with from whom each entry came.

    Args:
        part: which part of how many, where one paper would be too long.
    """
    period = _("all entries")
    if asked.first or asked.last:
        period = f"{day(asked.first, language)} – {day(asked.last, language)}"
    if part is not None:
        period = _("%(period)s, part %(part)s of %(parts)s", period=period, part=part[0], parts=part[1])
    head = Head(
        organisation=organisation,
        title=_("JOURNAL of appeals and notifications"),
        under=(period,),
        foot=_("Journal of appeals · %(period)s", period=period),
        page_words=page_words,
        language=language,
    )
    heads = [
        _("Number"), _("Came on"), _("What it is"), _("How it came"), _("From whom"), _("Family"), _("Caseworker"),
        _("State"), _("Outcome"),
    ]  # fmt: skip
    widths = [24 * mm, 22 * mm, 26 * mm, 26 * mm, 56 * mm, 28 * mm, 34 * mm, 22 * mm]
    body: list[list[Any]] = [[text(word, HEAD) for word in heads]]
    for row in rows:
        outcome = str(OUTCOME_WORDS[row.outcome]) if row.outcome else ""
        closed = f"{outcome}, {day(row.closed_on, language)}".strip(", ") if row.closed_on else ""
        body.append(
            [
                text(row.number, STRONG),
                text(day(row.received_on, language)),
                text(str(KIND_WORDS[row.kind])),
                text(str(CHANNEL_WORDS[row.channel]) if row.channel else ""),
                text(row.from_whom or ""),
                text(row.registration_no or ""),
                text(row.assigned_to or ""),
                text(str(STATUS_WORDS[row.status])),
                text(closed),
            ]
        )
    story = [
        grid(body, [*widths, WIDTH - sum(widths)]),
        text(_("Entries: %(count)s.", count=number(len(rows))), TEXT),
        signatures([_("Kept by")], _signing()),
    ]
    write(stream, head, story)


def _head_of(sitting: SittingRow, title: str, organisation: str, language: str, *, foot: str) -> Head:
    return Head(
        organisation=organisation,
        title=title,
        under=(
            _("of the sitting of the %(body)s", body=BODY_WORDS[sitting.body]),
            f"{day(sitting.held_on, language, form='long')}, {sitting.place}",
        ),
        foot=foot,
        page_words=page_words,
        language=language,
    )


def write_agenda(
    stream: IO[bytes],
    file: SittingFile,
    pages: Mapping[int, CasePage],
    *,
    organisation: str,
    language: str,
) -> None:
    """The list of cases, then one page for each: what a member of the council must know, and room to write."""
    sitting = file.sitting
    foot = _("Agenda of %(day)s", day=day(sitting.held_on, language))
    head = _head_of(sitting, _("AGENDA"), organisation, language, foot=foot)
    heads = [_("No."), _("Case"), _("Appeal"), _("Act")]
    body: list[list[Any]] = [[text(word, HEAD) for word in heads]]
    for place, case in enumerate(file.cases, start=1):
        body.append(
            [text(str(place), MIDDLE), text(case.registration_no, STRONG), text(_appeal(case, language)), text(_act(case, language))]
        )  # fmt: skip
    story: list[Any] = [grid(body, [12 * mm, 44 * mm, 60 * mm, NARROW - 116 * mm])]
    for place, case in enumerate(file.cases, start=1):
        story += [PageBreak(), *_case_page(place, case, pages[case.id], language)]
    write(stream, head, story, portrait=True)


def _appeal(case: CaseRow, language: str) -> str:
    if case.intake_number is None:
        return "—"
    return str(_("No. %(number)s of %(day)s", number=case.intake_number, day=day(case.intake_on, language)))


def _act(case: CaseRow, language: str) -> str:
    if case.act is None:
        return "—"
    made = _("No. %(number)s of %(day)s", number=case.act_number, day=day(case.act.made_on, language))
    return f"{made}, {_('valid until %(day)s', day=day(case.act.valid_until, language))}"


def _case_page(place: int, case: CaseRow, page: CasePage, language: str) -> list[Any]:
    circumstances = [entry.name(language) for entry in page.ticks if entry.list is ListKind.CIRCUMSTANCES]
    needs = [entry.name(language) for entry in page.ticks if entry.list is ListKind.NEEDS]
    ages = ", ".join("?" if age is None else str(age) for age in page.ages)
    before = "—"
    if page.granted_before:
        before = ngettext(
            "%(num)d decision, the last of %(day)s", "%(num)d decisions, the last of %(day)s",
            page.granted_before, day=day(page.last_granted_on, language),
        )  # fmt: skip
    pairs = [
        (_("Case"), case.registration_no),
        (_("Head of the family"), _initials(case.head)),
        (_("Settlement"), case.settlement),
        (
            _("Members"),
            _("%(members)s, children among them: %(children)s; ages: %(ages)s", members=number(len(page.ages)), children=number(page.children), ages=ages or "—"),
        ),
        (_("Categories"), "; ".join(uk if language == "uk" else en for uk, en in page.categories) or "—"),
        (_("Appeal"), _appeal(case, language)),
        (_("Act"), _act(case, language)),
        (_("Circumstances"), "; ".join(circumstances) or "—"),
        (_("Needs"), "; ".join(needs) or "—"),
        (_("Decided before"), before),
    ]  # fmt: skip
    if case.correction_reason:
        pairs.append((_("Decided anew because"), case.correction_reason))
    rows: list[list[Any]] = [[text(_("What"), HEAD), text(_("Known"), HEAD)]]
    rows += [[text(what, STRONG), text(known)] for what, known in pairs]
    blank: list[list[Any]] = [[text(_("Decided"), HEAD), text(_("Written by hand"), HEAD)]]
    blank += [
        [text(word, STRONG), ""]
        for word in (_("granted / refused / postponed"), _("What"), _("From – until"), _("Reason"))
    ]
    return [
        text(_("%(place)s. Case %(number)s", place=place, number=case.registration_no), SECTION),
        grid(rows, [48 * mm, NARROW - 48 * mm]),
        text("", TEXT),
        grid(blank, [58 * mm, NARROW - 58 * mm], row_height=12 * mm),
    ]


def _initials(name: str) -> str:
    """«Вигаданенко О. І.»"""
    surname, *others = name.split()
    return " ".join([surname, *(f"{one[:1]}." for one in others)])


def write_minutes(
    stream: IO[bytes], file: SittingFile, programmes: dict[int, str], *, organisation: str, language: str
) -> None:
    """The minutes; while they are open they say on every page that they are a draft."""
    sitting = file.sitting
    if sitting.minutes_number is None:
        title, foot = _("MINUTES (draft)"), _("Draft, not signed")
    else:
        title = _(
            "MINUTES No. %(number)s of %(day)s",
            number=sitting.minutes_number,
            day=day(sitting.minutes_on, language),
        )
        foot = _("Minutes No. %(number)s", number=sitting.minutes_number)
    head = _head_of(sitting, title, organisation, language, foot=foot)
    heads = [_("No."), _("Case"), _("Heard"), _("Decided"), _("Grants; reason")]
    body: list[list[Any]] = [[text(word, HEAD) for word in heads]]
    for place, case in enumerate(file.cases, start=1):
        heard = [
            _("appeal %(appeal)s", appeal=_appeal(case, language)),
            _("act %(act)s", act=_act(case, language)),
        ]
        body.append(
            [
                text(str(place), MIDDLE),
                text(f"{case.registration_no}, {_initials(case.head)}"),
                text("; ".join(heard)),
                text(str(RESULT_WORDS[case.result]) if case.result else "", STRONG),
                text(_decided(case, programmes, language)),
            ]
        )
    widths = [10 * mm, 40 * mm, 50 * mm, 24 * mm]
    counts = _(
        "Cases: %(cases)s. Granted: %(granted)s, refused: %(refused)s, postponed: %(postponed)s.",
        cases=number(len(file.cases)), granted=number(file.count(Result.GRANTED)),
        refused=number(file.count(Result.REFUSED)), postponed=number(file.count(Result.POSTPONED)),
    )  # fmt: skip
    story = [
        grid(body, [*widths, NARROW - sum(widths)]),
        text(counts, TEXT),
        signatures([_("Chair"), _("Secretary")], _signing(), width=NARROW),
    ]
    write(stream, head, story, portrait=True)


def _decided(case: CaseRow, programmes: dict[int, str], language: str) -> str:
    parts = []
    if case.result is Result.GRANTED:
        parts = [
            grants_text(case.programme_ids, case.any_programme, case.words, programmes),
            period_text(case.valid_from, case.valid_until, language),
        ]
    if case.correction_reason:
        parts.append(_("decided anew: %(reason)s", reason=case.correction_reason))
    if case.reason:
        parts.append(_("Reason: %(reason)s", reason=case.reason))
    return "; ".join(parts)


def write_extract(
    stream: IO[bytes],
    sitting: SittingRow,
    case: CaseRow,
    programmes: dict[int, str],
    *,
    organisation: str,
    language: str,
) -> None:
    """What the minutes say about one family, for its file or for the family itself."""
    named = sitting.minutes_number or _("draft")
    title = _(
        "EXTRACT from minutes No. %(number)s of %(day)s",
        number=named,
        day=day(sitting.minutes_on or sitting.held_on, language),
    )
    foot = _("Extract from minutes No. %(number)s", number=named)
    head = _head_of(sitting, title, organisation, language, foot=foot)
    result = str(RESULT_WORDS[case.result]) if case.result else _("not decided yet")
    pairs = [
        (_("Case"), case.registration_no),
        (_("Family of"), case.head),
        (_("Heard"), f"{_('appeal %(appeal)s', appeal=_appeal(case, language))}; {_('act %(act)s', act=_act(case, language))}"),
        (_("Decided"), result),
        (_("Grants; reason"), _decided(case, programmes, language) or "—"),
    ]  # fmt: skip
    rows: list[list[Any]] = [[text(_("What"), HEAD), text(_("As in the minutes"), HEAD)]]
    rows += [[text(what, STRONG), text(said)] for what, said in pairs]
    story = [
        grid(rows, [48 * mm, NARROW - 48 * mm]),
        text(_("The extract is true to the minutes."), TEXT),
        signatures([_("Secretary")], _signing(), width=NARROW),
    ]
    write(stream, head, story, portrait=True)
