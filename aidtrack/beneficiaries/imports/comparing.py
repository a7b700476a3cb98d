"""What a file says against what the registry holds: field by field, and brought over where that is wanted."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import identifiers, matching
from aidtrack.beneficiaries import queries as families
from aidtrack.beneficiaries.commands import AddMember, ChangeHousehold, ChangeMember, NewMember
from aidtrack.beneficiaries.imports.errors import NoSuchFamily
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.beneficiaries.services import add_member, change_household, change_member
from aidtrack.db.among import among
from aidtrack.db.vault import current_vault
from aidtrack.importing.layouts import Context, Difference, Finding, Record, Verdict
from aidtrack.kernel.errors import N_, DomainError
from aidtrack.kernel.late import dataclass

LABELS = {
    "settlement": N_("Settlement"),
    "katottg": N_("KATOTTG code"),
    "address": N_("Address"),
    "phone": N_("Phone"),
    "displaced_on": N_("Displaced on"),
    "arrived_on": N_("Arrived in the hromada on"),
    "surname": N_("Surname"),
    "given_name": N_("Given name"),
    "patronymic": N_("Patronymic"),
    "sex": N_("Sex"),
    "birth_date": N_("Birth date"),
    "document": N_("Document"),
    "tax_id": N_("Taxpayer number (РНОКПП)"),
    "new_member": N_("New member"),
}
OF_HOUSEHOLD = ("settlement", "katottg", "address", "phone", "displaced_on", "arrived_on")
OF_MEMBER = ("surname", "given_name", "patronymic", "sex", "birth_date", "document")


@dataclass(frozen=True, slots=True)
class Registered:
    """A family as the registry holds it."""

    id: int
    registration_no: str
    columns: Mapping[str, Any]
    people: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Change:
    """What is to be brought over into one family."""

    household_id: int
    household: dict[str, Any] = field(default_factory=dict)
    members: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    new_members: list[NewMember] = field(default_factory=list)
    said: bytes = b""


def load(session: Session, ids: Sequence[int], context: Context) -> dict[int, Registered]:
    """Families of the actor's sites, with those who belong to them now."""
    found: dict[int, Registered] = {}
    for some in families.portions(ids):
        people: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for row in session.execute(
            select(Person.id, Person.household_id, Person.is_head, Person.tax_id_hash,
                   *(getattr(Person, name) for name in OF_MEMBER))
            .where(among(Person.household_id, some), Person.left_on.is_(None))
            .order_by(Person.id)
        ):  # fmt: skip
            people[row.household_id].append(dict(row._mapping))
        for row in session.execute(
            select(Household.id, Household.registration_no, *(getattr(Household, name) for name in OF_HOUSEHOLD))
            .where(among(Household.id, some), Household.site_id.in_(sorted(context.actor.site_ids)))
        ):  # fmt: skip
            columns = {name: getattr(row, name) for name in OF_HOUSEHOLD}
            found[row.id] = Registered(row.id, row.registration_no, columns, tuple(people[row.id]))
    return found


def judge_known(
    session: Session, context: Context, named: Sequence[tuple[Verdict, Record]], today: date
) -> None:
    """Families whose registration number the file names: the same, changed, or not there."""
    if not named:
        return
    numbers = [record.values["registration_no"] for _verdict, record in named]
    ids: dict[str, int] = {}
    for some in families.portions(set(numbers)):
        ids |= {
            str(number): int(household_id)
            for number, household_id in session.execute(
                select(Household.registration_no, Household.id).where(
                    Household.registration_no.in_(some), Household.site_id == context.site_id
                )
            )
        }
    known = load(session, list(ids.values()), context)
    for verdict, record in named:
        household = known.get(ids.get(record.values["registration_no"], 0))
        if household is None:
            verdict.outcome = "bad"
            verdict.findings.append(
                Finding.of(NoSuchFamily(), record.cell_of("registration_no"), "registration_no")
            )
            continue
        try:
            change, verdict.differences = compare(record, household, context, today)
        except DomainError as error:
            verdict.outcome = "bad"
            verdict.findings.append(Finding.of(error, record.cell_of(error.field or ""), error.field or ""))
            continue
        verdict.outcome = "changed" if verdict.differences else "same"
        verdict.command = change if verdict.differences else None
        _name(verdict, household)


def judge_doubles(
    session: Session,
    context: Context,
    found: Sequence[tuple[Verdict, Record, Mapping[int, list[str]]]],
    sure: frozenset[str],
    doubled: Callable[[Sequence[str], Record], Finding],
    today: date,
) -> None:
    """Rows that meet registered families: the same in every value is nothing new; anything else is asked about."""
    known = load(session, sorted({one for _v, _r, hits in found for one in hits}), context)
    for verdict, record, hits in found:
        families_met = [known[one] for one in hits if one in known]
        if len(families_met) == 1 and set(hits[families_met[0].id]) & sure:
            try:
                _change, verdict.differences = compare(record, families_met[0], context, today)
            except DomainError:
                verdict.differences = []
            else:
                if not verdict.differences:
                    verdict.outcome, verdict.findings = "same", []
                    _name(verdict, families_met[0])
                    continue
        verdict.outcome = "double"
        if families_met:
            _name(verdict, families_met[0])
        verdict.findings.append(doubled([one.registration_no for one in families_met], record))


def _name(verdict: Verdict, household: Registered) -> None:
    verdict.known = household.registration_no
    verdict.known_url = ("beneficiaries.household", {"household_id": household.id})


# -- comparing ------------------------------------------------------------------------------------------


def compare(
    record: Record, household: Registered, context: Context, today: date
) -> tuple[Change, list[Difference]]:
    """What the file has otherwise. An empty cell says nothing, and who is not in the file is not gone.

    Raises:
        DomainError: a value cannot be read as what it should be.
    """
    change = Change(household.id)
    differences: list[Difference] = []
    for name, value in _household_values(record).items():
        if value is not None and value != household.columns[name]:
            change.household[name] = value
            differences.append(Difference(LABELS[name], _text(household.columns[name]), _text(value)))
    left = list(household.people)
    for number, part in enumerate(record.parts):
        said = _member_values(part)
        person = _same_person(said, left)
        if person is None:
            if not said.get("surname"):
                continue
            from aidtrack.beneficiaries.imports.layout import member_of

            change.new_members.append(_not_head(member_of(part, number, record, context, today)))
            name = " ".join(
                str(said[one]) for one in ("surname", "given_name", "patronymic") if said.get(one)
            )
            differences.append(Difference(LABELS["new_member"], "", name))
            continue
        left.remove(person)
        values: dict[str, Any] = {}
        for name, value in said.items():
            if name == "tax_id":
                digits = identifiers.clean_tax_id(
                    value, confirmed=bool(part.get("tax_id_confirmed")), field=f"tax_id#{number}"
                )
                hashed = identifiers.tax_id_hash(digits)
                if hashed is not None and hashed != _bytes(person["tax_id_hash"]):
                    values["tax_id"] = digits
                    differences.append(Difference(LABELS[name], "…" if person["tax_id_hash"] else "", "…"))
            elif value is not None and value != person[name]:
                values[name] = value
                differences.append(Difference(LABELS[name], _text(person[name]), _text(value)))
        if values:
            change.members.append((person["id"], values))
    if differences:
        said_all = repr((sorted(change.household.items()), change.members, change.new_members, today))
        change.said = current_vault().digest(said_all, "import.change")
    return change, differences


def _not_head(member: NewMember) -> NewMember:
    from dataclasses import replace

    return replace(member, is_head=False)


def _household_values(record: Record) -> dict[str, Any]:
    values = record.values
    written, code = values.get("settlement") or (None, None)
    return {
        "settlement": written,
        "katottg": identifiers.clean_katottg(values.get("katottg")) or code,
        "address": identifiers.clean_text(values.get("address"), 200, "address"),
        "phone": identifiers.clean_phone(values.get("phone")),
        "displaced_on": values.get("displaced_on"),
        "arrived_on": values.get("arrived_on"),
    }


def _member_values(part: Mapping[str, Any]) -> dict[str, Any]:
    surname, given, patronymic = part.get("full_name") or (None, None, None)
    return {
        "surname": part.get("surname") or surname,
        "given_name": part.get("given_name") or given,
        "patronymic": part.get("patronymic") or patronymic,
        "sex": part.get("sex"),
        "birth_date": part.get("birth_date"),
        "document": identifiers.clean_text(part.get("document"), 80, "document"),
        "tax_id": part.get("tax_id"),
    }


def _same_person(said: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The member whom the row means: the same name however written, and no other birth date."""
    key = matching.name_key(_full(said))
    for person in people:
        born = said.get("birth_date")
        if matching.name_key(_full(person)) == key and (born is None or person["birth_date"] in (None, born)):
            return person
    return None


def _full(one: Mapping[str, Any]) -> str:
    return " ".join(str(one[name]) for name in ("surname", "given_name", "patronymic") if one.get(name))


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


# -- bringing over --------------------------------------------------------------------------------------


def change(session: Session, context: Context, wanted: Change) -> int:
    """Write the differences with the registry's own services; each leaves its trace in the family's history."""
    acts: dict[str, Any] = {"actor": context.actor, "now": context.now}

    def version() -> int:
        return families.find_household(session, wanted.household_id, context.actor).version

    household = load(session, [wanted.household_id], context)[wanted.household_id]
    if wanted.household:
        values = {**household.columns, **wanted.household}
        change_household(session, ChangeHousehold(wanted.household_id, version(), **values), **acts)
    people = {person["id"]: person for person in household.people}
    for person_id, said in wanted.members:
        person = people[person_id]
        values = {name: person[name] for name in OF_MEMBER} | {"is_head": person["is_head"]} | said
        command = ChangeMember(
            wanted.household_id, version(), person_id, tax_id_confirmed="tax_id" in said,
            go_on_reason=GO_ON, **values,
        )  # fmt: skip
        change_member(session, command, **acts)
    for number, member in enumerate(wanted.new_members):
        digest = current_vault().digest(f"{wanted.said.hex()}|{number}", "import.member")
        added = AddMember(
            UUID(bytes=digest[:16], version=4), wanted.household_id, version(), member, go_on_reason=GO_ON
        )
        add_member(session, added, **acts)
    return 1


GO_ON = "import"  # the file names the family itself, and the person saw the differences before
