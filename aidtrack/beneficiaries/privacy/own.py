"""What the registry itself holds about a family: where it lives, its people, categories, grounds."""

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.holdings import Held, Holding
from aidtrack.beneficiaries.household import REPORT_BANDS, age_on
from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.models import (
    Category,
    CategoryKind,
    ErasureRequest,
    Household,
    HouseholdGround,
    NameToken,
    Person,
    ProtectedCategory,
)
from aidtrack.db.sealing import EMPTIED
from aidtrack.kernel.errors import N_
from aidtrack.places.queries import hromadas_of
from aidtrack.web.filters import day

NOWHERE = "—"
MIDDLE_OF_BAND = (9, 39, 75)  # years that stand for a band once the birth date is erased


def _home(session: Session, household_id: int, language: str) -> list[Held]:
    row = session.execute(
        select(
            Household.registration_no, Household.settlement, Household.address, Household.phone,
            Household.displaced_on, Household.arrived_on, Household.registered_on,
        ).where(Household.id == household_id)
    ).one()  # fmt: skip
    with force_locale(language):
        return [
            Held(
                _("Registration"),
                _pairs(
                    (_("Registration no."), row.registration_no),
                    (_("Registered on"), day(row.registered_on, language)),
                    (_("Settlement"), row.settlement),
                    (_("Address"), row.address),
                    (_("Phone"), shown_phone(row.phone)),
                    (_("Displaced on"), day(row.displaced_on, language) if row.displaced_on else None),
                    (
                        _("Arrived in the hromada on"),
                        day(row.arrived_on, language) if row.arrived_on else None,
                    ),
                ),
            )
        ]


def _forget_home(session: Session, household_id: int, now: datetime) -> int:
    """The row stays as a count: a code of the hromada, the year of registration, and nothing to recognise it by."""
    lived_in = session.scalar(select(Household.katottg).where(Household.id == household_id))
    hromada = hromadas_of(session, [lived_in]).get(lived_in) if lived_in else None
    changed = session.execute(
        update(Household)
        .where(Household.id == household_id)
        .values(
            registration_no=f"ERASED-{household_id}", settlement=NOWHERE, address=None, phone=None, phone_hash=None,
            katottg=hromada,
            displaced_on=None, arrived_on=None, version=Household.version + 1, changed_at=now, changed_by="erased",
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return _count(changed)


def _people(session: Session, household_id: int, language: str) -> list[Held]:
    people = session.scalars(
        select(Person).where(Person.household_id == household_id).order_by(Person.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                " ".join(part for part in (one.surname, one.given_name, one.patronymic) if part),
                _pairs(
                    (_("Sex"), _(one.sex.label)),
                    (_("Birth date"), day(one.birth_date, language) if one.birth_date else None),
                    (_("Document"), one.document),
                    (
                        _("Taxpayer number"),
                        _("only as a hash that cannot be read") if one.tax_id_hash else None,
                    ),
                    (_("Member since"), day(one.joined_on, language)),
                    (_("Left on"), day(one.left_on, language) if one.left_on else None),
                ),
            )
            for one in people
        ]


def _forget_people(session: Session, household_id: int, now: datetime) -> int:
    """Sex and age band stay for counts; names, papers, hashes and search words go."""
    people = session.execute(
        select(Person.id, Person.birth_date).where(Person.household_id == household_id)
    ).all()
    ids = [row.id for row in people]
    session.execute(delete(NameToken).where(NameToken.person_id.in_(ids)))
    for person_id, born in people:
        session.execute(
            update(Person)
            .where(Person.id == person_id)
            .values(
                surname=EMPTIED, given_name=EMPTIED, patronymic=None, document=None, document_hash=None,
                tax_id_hash=None, birth_date=band_date(born, now.date()),
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    return len(ids)


def band_date(born: date | None, today: date) -> date | None:
    """A first of January that lies in the same age band, and in it for everybody alike."""
    age = age_on(born, today)
    for band, years in zip(REPORT_BANDS, MIDDLE_OF_BAND, strict=True):
        if age is not None and band.holds(age):
            return date(today.year - years, 1, 1)
    return None


def _whose_word(one: Category | ProtectedCategory) -> tuple[str, str]:
    """Who saw the paper; where none was shown, who wrote the category down."""
    return (_("Seen by") if one.evidence or one.evidence_kind else _("Recorded by"), one.seen_by)


def _categories(session: Session, household_id: int, language: str) -> list[Held]:
    name = CategoryKind.name_en if language == "en" else CategoryKind.name_uk
    rows = session.execute(
        select(Category, name)
        .join(CategoryKind, CategoryKind.code == Category.kind)
        .where(Category.household_id == household_id)
        .order_by(Category.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                title,
                _pairs(
                    (_("Evidence"), one.evidence),
                    (_("Valid from"), day(one.valid_from, language)),
                    (_("Valid until"), day(one.valid_until, language) if one.valid_until else None),
                    _whose_word(one),
                ),
            )
            for one, title in rows
        ]


def protected(session: Session, household_id: int, language: str) -> list[Held]:
    """The drawer. For those alone who hold a live grant; the caller judges and logs."""
    rows = session.scalars(
        select(ProtectedCategory)
        .where(ProtectedCategory.household_id == household_id)
        .order_by(ProtectedCategory.id)
    ).all()
    kinds = {kind.code: kind for kind in session.scalars(select(CategoryKind))}
    with force_locale(language):
        return [
            Held(
                (kinds[one.kind].name_en if language == "en" else kinds[one.kind].name_uk)
                if one.kind in kinds
                else one.kind,
                _pairs(
                    (_("Evidence"), one.evidence),
                    (_("Valid from"), day(one.valid_from, language)),
                    (_("Valid until"), day(one.valid_until, language) if one.valid_until else None),
                    _whose_word(one),
                ),
            )
            for one in rows
        ]


def _forget_categories(session: Session, household_id: int, _now: datetime) -> int:
    return sum(
        _count(session.execute(delete(drawer).where(drawer.household_id == household_id)))
        for drawer in (Category, ProtectedCategory)
    )


def _grounds(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.scalars(
        select(HouseholdGround)
        .where(HouseholdGround.household_id == household_id)
        .order_by(HouseholdGround.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                _(one.ground.label),
                _pairs(
                    (_("How the family was told"), _(one.how.label)),
                    (_("Text"), _("version %(number)s", number=one.text_version)),
                    (_("Since"), day(one.given_on, language)),
                    (_("Withdrawn on"), day(one.withdrawn_on, language) if one.withdrawn_on else None),
                    (_("Recorded by"), one.recorded_by),
                ),
            )
            for one in rows
        ]


def _keep(_session: Session, _household_id: int, _now: datetime) -> int:
    """Stays: it names nobody, and proves on which ground the data were held and who asked to erase them."""
    return 0


def _requests(session: Session, household_id: int, language: str) -> list[Held]:
    rows = session.scalars(
        select(ErasureRequest).where(ErasureRequest.household_id == household_id).order_by(ErasureRequest.id)
    ).all()
    with force_locale(language):
        return [
            Held(
                _("Erasing was asked for"),
                _pairs(
                    (_("When"), day(one.asked_at.date(), language)),
                    (_("Who"), one.asked_by),
                    (_("Why"), _(one.why.label)),
                    (_("State"), _(one.state.label)),
                ),
            )
            for one in rows
        ]


def lively(session: Session, household_ids: list[int], since: date) -> set[int]:
    """Registered or changed since that day."""
    changed = func.coalesce(Household.changed_at, Household.registered_on)
    start = datetime.combine(since, datetime.min.time()).astimezone() - timedelta(days=1)
    rows = session.scalars(
        select(Household.id).where(
            Household.id.in_(household_ids), (changed >= start) | (Household.registered_on >= since)
        )
    )
    return set(rows)


def _pairs(*pairs: tuple[Any, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(label), str(value)) for label, value in pairs if value)


def _count(result: Any) -> int:
    return int(result.rowcount or 0)


HOLDINGS = (
    Holding(N_("Registration"), _home, _forget_home, 10, frozenset({"household", "household_key"})),
    Holding(N_("Members"), _people, _forget_people, 12, frozenset({"person", "name_token"})),
    Holding(
        N_("Categories"), _categories, _forget_categories, 14, frozenset({"category", "protected_category"})
    ),
    Holding(N_("Ground on which data are held"), _grounds, _keep, 16, frozenset({"household_ground"})),
    Holding(N_("Requests to erase"), _requests, _keep, 18, frozenset({"erasure_request"})),
)
