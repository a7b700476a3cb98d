"""Papers of data protection: what is held about a family, and what families are told."""

from typing import IO, Any

from flask_babel import gettext as _
from reportlab.lib.units import mm

from aidtrack.beneficiaries.privacy.reading import Answer
from aidtrack.beneficiaries.privacy.texts import TextRow
from aidtrack.web.filters import day, moment
from aidtrack.web.official import (
    CELL,
    FINE,
    HEAD,
    NARROW,
    SECTION,
    STRONG,
    TEXT,
    Head,
    grid,
    signatures,
    text,
    write,
)


def _page_words(page: int, pages: int) -> str:
    return str(_("page %(page)s of %(pages)s", page=page, pages=pages))


def write_answer(stream: IO[bytes], answer: Answer, organisation: str) -> None:
    """Everything held about one family, and who read it."""
    head = Head(
        organisation=organisation,
        title=_("WHAT IS HELD ABOUT THE FAMILY"),
        under=(
            _("Registration no. %(number)s", number=answer.registration_no),
            _("made on %(when)s by %(who)s", when=moment(answer.made_at), who=answer.made_by),
        ),
        foot=_("Registration no. %(number)s", number=answer.registration_no),
        page_words=_page_words,
        language=answer.language,
    )
    story: list[Any] = []
    for part in answer.parts:
        story.append(text(part.title, SECTION))
        rows = [[text(_("What"), HEAD), text(_("Held"), HEAD)]]
        for held in part.held:
            lines = "; ".join(f"{label}: {value}" for label, value in held.facts)
            rows.append([text(held.title, STRONG), text(lines or "—", CELL)])
        story.append(grid(rows, [60 * mm, NARROW - 60 * mm]))
    if not answer.drawer_open:
        story.append(text(_("Categories with special protection, if any are held, are told by a colleague with a personal right to see them."), TEXT))  # fmt: skip
    story.append(text(_("Who read it, when and what for"), SECTION))
    reads = [[text(words, HEAD) for words in (_("When"), _("Who"), _("What"), _("What for"))]]
    reads += [
        [text(moment(one.at), FINE), text(one.who, FINE), text(one.what, FINE), text(one.purpose, FINE)]
        for one in answer.reads
    ]
    story.append(grid(reads, [32 * mm, 38 * mm, 66 * mm, NARROW - 136 * mm]))
    if answer.more_reads:
        story.append(text(_("Earlier readings are in the log; ask for them if you need them."), TEXT))
    story.append(signatures([_("Handed over by"), _("Received by")], (_("(signature)"), _("(initials, surname)")), width=NARROW))  # fmt: skip
    write(stream, head, story, portrait=True)


def write_notice(
    stream: IO[bytes], told: TextRow, registration_no: str, organisation: str, ground: str | None
) -> None:
    """The notice as a family reads and may sign it."""
    head = Head(
        organisation=organisation,
        title=_("ABOUT YOUR DATA"),
        under=(
            _("Registration no. %(number)s", number=registration_no),
            _("text version %(number)s, in force since %(day)s", number=told.version, day=day(told.valid_from, told.language)),
        ),
        foot=_("Registration no. %(number)s", number=registration_no),
        page_words=_page_words,
        language=told.language,
    )  # fmt: skip
    story: list[Any] = [text(line, TEXT) for line in told.body.splitlines() if line.strip()]
    if ground is not None:
        story.append(text(_("Ground in this case: %(ground)s", ground=ground), TEXT))
    story.append(signatures([_("I have read this or it was read to me"), _("Caseworker")], (_("(signature)"), _("(initials, surname)")), width=NARROW))  # fmt: skip
    write(stream, head, story, portrait=True)
