"""Incomes among what is held about a family."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.beneficiaries.models import HouseholdIncome
from aidtrack.beneficiaries.proofs.money import shown_money
from aidtrack.beneficiaries.proofs.queries import incomes
from aidtrack.kernel.errors import N_
from aidtrack.web.filters import day


def _read(session: Session, household_id: int, language: str) -> list[Held]:
    return [
        Held(
            str(_("Income of the family")),
            (
                (str(_("Hryvnias a month, the whole family")), shown_money(one.total)),
                (str(_("As of")), day(one.as_of)),
                (str(_("Valid until")), day(one.valid_until) if one.valid_until else "—"),
                (str(_("Evidence")), one.evidence or "—"),
                (str(_("Recorded by")), one.recorded_by),
            ),
        )
        for one in reversed(incomes(session, household_id))
    ]


def _erase(session: Session, household_id: int, now: datetime) -> int:
    gone = session.execute(delete(HouseholdIncome).where(HouseholdIncome.household_id == household_id))
    return int(gone.rowcount)  # type: ignore[attr-defined]


INCOMES = Holding(N_("Incomes"), _read, _erase, 22, frozenset({"household_income"}))
