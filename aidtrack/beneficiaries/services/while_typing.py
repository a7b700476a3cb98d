"""A warning while a family is being typed: somebody like this is registered already.

Only numbers of families at the person's own sites and the reasons go out, no name, and only for what was typed in
full: a surname with its given name and birth date or patronymic, a phone, a paper. So it is no way to leaf through the registry; who
asks too often waits, and what is shown counts like any list.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import identifiers, likeness, queries, search_index
from aidtrack.beneficiaries.errors import FamilyRefused, TooManyChecks
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.models import Household, HouseholdEnd
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.queries.alike import candidates
from aidtrack.beneficiaries.queries.doubles import Key
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

CHECKS = 120  # a family of ten with every field corrected once
WITHIN = timedelta(minutes=10)
ACTION = "read.typed_doubles"
MOST = 5


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form so far; anything may be missing."""

    surname: str = ""
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    sex: Sex | None = None
    document: str = ""
    tax_id: str = ""
    phone: str = ""
    besides: int | None = None  # the family being changed


@dataclass(frozen=True, slots=True)
class Alike:
    household_id: int
    registration_no: str
    reasons: tuple[str, ...]


def typed_doubles(session: Session, typed: Typed, *, actor: Actor, now: datetime) -> tuple[Alike, ...]:
    """Families at the actor's sites that may be this one, the likest first.

    A warning shows no more families than the hour's limit leaves, the likest of them.

    Raises:
        TooManyChecks: nobody types families that fast.
        AskedForReason, NoMoreNow: the hour's looks at lists are used up.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    room, seen = budget.room_in_lists(session, actor, now)
    kind, number = (
        ("user_account", actor.user_id) if actor.user_id is not None else ("api_token", actor.token_id)
    )
    asked = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(
            AuditEvent.object_type == kind, AuditEvent.object_id == number, AuditEvent.action == ACTION,
            AuditEvent.at > now - WITHIN,
        )
    )  # fmt: skip
    if (asked or 0) >= CHECKS:
        raise TooManyChecks(minutes=int(WITHIN.total_seconds() // 60))
    reasons: dict[int, set[str]] = defaultdict(set)
    points: dict[int, int] = defaultdict(int)
    for household_id, why in queries.doubles_of(
        session, _keys(typed), actor.site_ids, besides=typed.besides or 0
    ).items():
        reasons[household_id].update(why)
        points[household_id] = 50
    person = _profile(typed)
    if person is not None:
        for household_id, match in _likely(session, typed, person, actor):
            reasons[household_id].update(match.reasons)
            points[household_id] = max(points[household_id], match.points)
    best = sorted(reasons, key=lambda one: (-points[one], one))[: 4 * MOST]
    found = _within(_shown(session, best, reasons)[:MOST], room, seen)
    budget.spend(session, listing=[one.household_id for _, one in found], actor=actor, now=now)
    audit.record(session, actor=actor, action=ACTION, object_type=kind, object_id=number, now=now)
    by_site: dict[int, list[int]] = defaultdict(list)
    for site_id, one in found:
        by_site[site_id].append(one.household_id)
    for site_id, ids in by_site.items():
        audit.record(
            session, actor=actor, action="read.household_list", object_type="household", site_id=site_id,
            facts={"by": "typing", "households": ids}, now=now,
        )  # fmt: skip
    return tuple(one for _, one in found)


def _likely(
    session: Session, typed: Typed, person: likeness.Profile, actor: Actor
) -> list[tuple[int, likeness.Match]]:
    """Families with somebody like the person, and why; not by a name alone that more bear than are shown."""
    dated: list[tuple[int, likeness.Match]] = []
    by_name: list[tuple[int, likeness.Match]] = []
    for other in candidates(session, person, actor):
        asked_for = person if typed.sex is not None else replace(person, female=other.female)
        match = likeness.compare(asked_for, other)
        if match.points >= likeness.LIKELY and other.household_id != typed.besides:
            both = person.born is not None and other.born is not None
            (dated if both else by_name).append((other.household_id, match))
    return dated if len(by_name) > MOST else dated + by_name


def _within(found: list[tuple[int, Alike]], room: int, seen: Collection[int]) -> list[tuple[int, Alike]]:
    """As many as may be looked at; those seen within the hour cost nothing."""
    new = [one.household_id for _, one in found if one.household_id not in seen]
    return [(site_id, one) for site_id, one in found if one.household_id not in new[room:]]


def _shown(session: Session, ids: list[int], reasons: dict[int, set[str]]) -> list[tuple[int, Alike]]:
    ended = select(HouseholdEnd).where(HouseholdEnd.household_id == Household.id).exists()
    rows = session.execute(
        select(Household.id, Household.site_id, Household.registration_no).where(
            Household.id.in_(ids), ~ended
        )
    )
    known = {row.id: row for row in rows}
    return [
        (known[one].site_id, Alike(one, known[one].registration_no, tuple(sorted(reasons[one]))))
        for one in ids
        if one in known
    ]


def _keys(typed: Typed) -> set[Key]:
    found: set[Key] = set()
    try:
        phone = identifiers.phone_hash(identifiers.clean_phone(typed.phone))
    except FamilyRefused:
        phone = None  # half a number: the form itself will say
    digits = "".join(letter for letter in typed.tax_id if letter.isdigit())
    document = identifiers.document_key(typed.document) if typed.document else ""
    if phone is not None:
        found.add(("phone", phone))
    if len(document) >= 6 and (paper := identifiers.document_hash(typed.document)) is not None:
        found.add(("document", paper))
    if len(digits) == 10 and (tax := identifiers.tax_id_hash(digits)) is not None:
        found.add(("tax_id", tax))
    return found


def _profile(typed: Typed) -> likeness.Profile | None:
    """None before surname and given name are there, and the birth date or, where nobody knows it, the patronymic.

    A date is passed over once the sex is chosen, which stands behind it in every form.
    """
    if len(typed.surname.strip()) < 2 or len(typed.given_name.strip()) < 2:
        return None
    if typed.birth_date is None and (len(typed.patronymic.strip()) < 2 or typed.sex is None):
        return None
    columns = {
        "surname": typed.surname[:80], "given_name": typed.given_name[:80], "patronymic": typed.patronymic[:80] or None,
        "birth_date": typed.birth_date, "sex": typed.sex or Sex.FEMALE,
    }  # fmt: skip
    person = search_index.profile_of(0, 0, columns)
    return person if person.surname and person.given else None
