"""A file with identifiers: asked for with a purpose, approved by another person, taken once, within hours.

Every row of the file says for whom it was made, so a row that turns up somewhere leads back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.models import FamilyKey, Household, IdentifierExport, Person, RequestState
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.privacy.errors import AlreadyDecided, ExportOver, ReasonNeeded, SecondPersonNeeded
from aidtrack.beneficiaries.privacy.words import FIELDS
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.web.csv_files import safe

PORTION = 2000


@dataclass(frozen=True, slots=True)
class ExportRow:
    id: int
    site_id: int
    site_uk: str
    site_en: str
    purpose: str
    fields: tuple[str, ...]
    state: RequestState
    asked_at: datetime
    asked_by: str
    decided_by: str | None
    valid_until: datetime | None
    taken_at: datetime | None
    families: int | None
    own: bool

    def site(self, language: str) -> str:
        return self.site_en if language == "en" else self.site_uk

    def may_be_taken(self, now: datetime) -> bool:
        return (
            self.own
            and self.state is RequestState.APPROVED
            and self.valid_until is not None
            and now < self.valid_until
        )


def ask(
    session: Session, site_id: int, fields: Sequence[str], purpose: str, *, actor: Actor, now: datetime
) -> int:
    """Ask for a file of a site's families.

    Raises:
        ReasonNeeded: no purpose, or nothing chosen that the file should have.
    """
    actor.require(Permission.HOUSEHOLD_READ, site_id=site_id)
    chosen = [name for name in FIELDS if name in fields]
    words = needed(purpose, 300, "purpose")
    if not chosen:
        raise ReasonNeeded(field="fields")
    waiting = session.scalars(
        select(IdentifierExport).where(
            IdentifierExport.site_id == site_id,
            IdentifierExport.state == RequestState.ASKED,
            IdentifierExport.asked_by == actor.label,
        )
    )
    for one in waiting:  # the form was sent twice
        if one.purpose == words and list(one.fields) == chosen:
            return one.id
    row = IdentifierExport(
        site_id=site_id, purpose=words, fields=chosen, state=RequestState.ASKED, asked_at=now,
        asked_by=actor.label, asked_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.ask_export", object_type="identifier_export", object_id=row.id,
        site_id=site_id, facts={"fields": chosen}, now=now,
    )  # fmt: skip  # the log cannot forget: what it is for stands, sealed, in the row alone
    return row.id


def decide(session: Session, export_id: int, *, approve: bool, actor: Actor, now: datetime) -> None:
    """Approve for some hours, or decline; by another person than the one who asked (I17)."""
    actor.require(Permission.IDENTIFIERS_APPROVE)
    row = _locked(session, export_id, actor)
    if row.state is not RequestState.ASKED:
        raise AlreadyDecided()
    if row.asked_by == actor.label or (actor.user_id is not None and row.asked_by_id == actor.user_id):
        raise SecondPersonNeeded()
    row.state = RequestState.APPROVED if approve else RequestState.DECLINED
    row.decided_at, row.decided_by, row.decided_by_id = now, actor.label, actor.user_id
    if approve:
        row.valid_until = now + timedelta(hours=budget.limits(session).export_hours)
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.approve_export" if approve else "privacy.decline_export",
        object_type="identifier_export", object_id=row.id, site_id=row.site_id, facts={"fields": list(row.fields)},
        now=now,
    )  # fmt: skip


def take(
    session: Session, export_id: int, *, actor: Actor, now: datetime
) -> tuple[ExportRow, list[list[str]]]:
    """The rows, once, for whom they were approved; logged before they leave (I16).

    Raises:
        ExportOver: taken already, not approved, or its hours are over.
    """
    actor.require(Permission.HOUSEHOLD_READ)
    row = _locked(session, export_id, actor)
    if row.asked_by != actor.label or row.asked_by_id != actor.user_id:
        raise NotFound()
    if row.state is not RequestState.APPROVED or row.valid_until is None or now >= row.valid_until:
        raise ExportOver()
    found = list(_families(session, row.site_id, tuple(row.fields)))
    row.state, row.taken_at, row.families = RequestState.DONE, now, len({line[0] for line in found})
    session.flush()
    audit.record(
        session, actor=actor, action="read.identifiers", object_type="identifier_export", object_id=row.id,
        site_id=row.site_id,
        facts={"fields": list(row.fields), "families": row.families, "approved_by": row.decided_by}, now=now,
    )  # fmt: skip
    [shown] = _rows(session, [row], actor)
    return shown, found


def exports(session: Session, *, actor: Actor, most: int = 25) -> list[ExportRow]:
    """Of the actor's sites: what waits first, then the latest."""
    rows = session.scalars(
        select(IdentifierExport)
        .where(IdentifierExport.site_id.in_(sorted(actor.site_ids)))
        .order_by((IdentifierExport.state == RequestState.ASKED).desc(), IdentifierExport.id.desc())
        .limit(most)
    ).all()
    return _rows(session, rows, actor)


def _rows(session: Session, rows: Iterable[IdentifierExport], actor: Actor) -> list[ExportRow]:
    found = list(rows)
    sites = {
        site.id: site
        for site in session.scalars(select(Site).where(Site.id.in_({one.site_id for one in found})))
    }
    return [
        ExportRow(
            one.id, one.site_id, sites[one.site_id].name_uk, sites[one.site_id].name_en, one.purpose,
            tuple(one.fields), one.state, one.asked_at, one.asked_by, one.decided_by, one.valid_until, one.taken_at,
            one.families, one.asked_by == actor.label and one.asked_by_id == actor.user_id,
        )
        for one in found
    ]  # fmt: skip


def _locked(session: Session, export_id: int, actor: Actor) -> IdentifierExport:
    row = session.scalar(
        select(IdentifierExport)
        .where(IdentifierExport.id == export_id, IdentifierExport.site_id.in_(sorted(actor.site_ids)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound()
    return row


def _families(session: Session, site_id: int, fields: tuple[str, ...]) -> Iterator[list[str]]:
    """A line for each present member; where no names are wanted, one for each family."""
    gone = select(FamilyKey.household_id).where(
        FamilyKey.household_id == Household.id, FamilyKey.sealed.is_(None)
    )
    after = 0
    while True:
        homes = session.execute(
            select(
                Household.id, Household.registration_no, Household.phone, Household.settlement, Household.address
            )
            .where(Household.site_id == site_id, Household.id > after, ~gone.exists())
            .order_by(Household.id)
            .limit(PORTION)
        ).all()  # fmt: skip
        if not homes:
            return
        after = homes[-1].id
        people: dict[int, list[Any]] = defaultdict(list)
        if "names" in fields or "document" in fields:
            for person in session.execute(
                select(
                    Person.household_id, Person.surname, Person.given_name, Person.patronymic, Person.document
                )
                .where(Person.household_id.in_([home.id for home in homes]), Person.left_on.is_(None))
                .order_by(Person.household_id, Person.is_head.desc(), Person.id)
            ):
                people[person.household_id].append(person)
        for home in homes:
            for person in people.get(home.id) or [None]:
                line = [home.registration_no]
                if "names" in fields:
                    line += (
                        [person.surname, person.given_name, person.patronymic or ""]
                        if person
                        else ["", "", ""]
                    )
                if "document" in fields:
                    line.append((person.document or "") if person else "")
                if "phone" in fields:
                    line.append(shown_phone(home.phone) or "")
                if "address" in fields:
                    line += [home.settlement, home.address or ""]
                yield line


def heads(fields: Sequence[str]) -> list[str]:
    found = [_("Registration no.")]
    if "names" in fields:
        found += [_("Surname"), _("Given name"), _("Patronymic")]
    if "document" in fields:
        found.append(_("Document"))
    if "phone" in fields:
        found.append(_("Phone"))
    if "address" in fields:
        found += [_("Settlement"), _("Address")]
    return [str(one) for one in found]


def write(stream: IO[bytes], row: ExportRow, lines: list[list[str]], mark: str) -> None:
    """An XLSX whose every row carries the mark: for whom, when, for what, approved by whom."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        stream,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": mark, "comments": mark})
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
    loud = book.add_format({"bold": True, "font_color": "#A00000"})
    pale = book.add_format({"font_color": "#777777"})
    sheet = book.add_worksheet("aidtrack")
    sheet.set_header(f"&C{mark.replace('&', '&&')[:200]}")
    sheet.set_column(0, len(heads(row.fields)), 24)
    sheet.write_string(0, 0, mark, loud)
    for column, word in enumerate([*heads(row.fields), str(_("Made for"))]):
        sheet.write_string(2, column, word, bold)
    for number, line in enumerate(lines, start=3):
        for column, cell in enumerate(line):
            sheet.write_string(number, column, safe(cell))
        sheet.write_string(number, len(line), mark, pale)
    book.close()
