"""The register as a workbook for the caseworker's own site, without anything that names or finds a person.

It holds what may leave a screen without a second person: registration number, place, dates, composition by age
and ordinary categories of the whole family. Mended and brought in again it changes families by their number.
Names, phones, papers and addresses leave only by the flow with a second person (`beneficiaries.privacy`).
"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.household import REPORT_BANDS, report_band
from aidtrack.beneficiaries.models import Category, Household, HouseholdEnd, Person
from aidtrack.beneficiaries.queries.households import NOT_ERASED
from aidtrack.db import unit_of_work
from aidtrack.db.among import among
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web.access import current_actor, requires
from aidtrack.web.i18n import language
from aidtrack.web.paging import download

bp = Blueprint("register_file", __name__, url_prefix="/families/register")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PORTION = 2000


@bp.get("/without-names.xlsx")
@requires(Permission.HOUSEHOLD_READ)
def without_names() -> ResponseReturnValue:
    """Every family of one's own sites, a row each."""
    now = utc_now()
    with unit_of_work() as session:
        body, counts = workbook(session, current_actor(), today=local_date(now))
        _record(session, current_actor(), counts, now)
    title = _("Register without names")
    return download(body, f"{title}.xlsx", XLSX)


def _record(session: Session, actor: Actor, counts: Counter[int], now: datetime) -> None:
    for site_id in sorted(actor.site_ids):  # a row for each, so that no reader sees another site's counted
        audit.record(
            session, actor=actor, action="read.register_without_names", now=now, site_id=site_id,
            facts={"households": counts[site_id]},
        )  # fmt: skip


def workbook(session: Session, actor: Actor, *, today: date) -> tuple[bytes, Counter[int]]:
    """The file, and how many families of each site are in it."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    heads = [_("Registration number"), _("Settlement"), _("KATOTTG code"), _("Displaced on"),
             _("Categories of the whole family"), _("Persons"), _("0–17 years"), _("18–59 years"), _("60 and older"),
             _("age unknown")]  # fmt: skip
    sheet.set_column(0, len(heads), 18)
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, heads, bold)
    counts: Counter[int] = Counter()
    for number, (site_id, row) in enumerate(_rows(session, actor, today), start=1):
        counts[site_id] += 1
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, cell)
    book.close()
    return stream.getvalue(), counts


def _rows(session: Session, actor: Actor, today: date) -> Iterator[tuple[int, list[Any]]]:
    """Families that live on under their own number: neither erased nor a part of another one."""
    ended = exists().where(HouseholdEnd.household_id == Household.id)
    kinds = {kind.code: kind for kind in queries.category_kinds(session) if kind.of_household}
    after = 0
    while True:
        portion = session.execute(
            select(
                Household.id,
                Household.site_id,
                Household.registration_no,
                Household.settlement,
                Household.katottg,
                Household.displaced_on,
            )
            .where(Household.id > after, Household.site_id.in_(sorted(actor.site_ids)), NOT_ERASED, ~ended)
            .order_by(Household.id)
            .limit(PORTION)
        ).all()
        if not portion:
            return
        ids = [row.id for row in portion]
        after = ids[-1]
        ages: dict[int, Counter[Any]] = defaultdict(Counter)
        people = select(Person.household_id, Person.birth_date).where(
            among(Person.household_id, ids), Person.left_on.is_(None)
        )
        for household_id, born in session.execute(people):
            ages[household_id][report_band(born, today)] += 1
        categories: dict[int, list[str]] = defaultdict(list)
        held = select(Category.household_id, Category.kind).where(
            among(Category.household_id, ids), Category.person_id.is_(None), Category.kind.in_(list(kinds)),
            (Category.valid_until.is_(None)) | (Category.valid_until >= today),
        )  # fmt: skip
        for household_id, kind in session.execute(held.order_by(Category.id)):
            categories[household_id].append(kinds[kind].name(language()))
        for row in portion:
            found = ages[row.id]
            yield row.site_id, [
                row.registration_no, row.settlement, row.katottg or "",
                row.displaced_on.isoformat() if row.displaced_on else "", "; ".join(categories[row.id]),
                found.total(), *(found[band] for band in REPORT_BANDS), found[None],
            ]  # fmt: skip
