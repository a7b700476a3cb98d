"""Is this family registered already? Compared by keyed hashes, so that nothing is decrypted to look."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Household, NameToken, Person
from aidtrack.beneficiaries.queries.bulk import portions
from aidtrack.db.among import among

Key = tuple[str, bytes]  # reason and keyed hash: what would give a family away as registered
Doubles = dict[int, list[str]]


def possible_doubles(
    session: Session, families: Sequence[set[Key]], site_ids: Collection[int]
) -> dict[int, Doubles]:
    """By place among the families' keys: the households of these sites that share a key, with the reasons."""
    by_key: dict[Key, list[int]] = defaultdict(list)
    for number, family in enumerate(families):
        for key in family:
            by_key[key].append(number)
    found: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for why, value, household_id in _registered(session, by_key, site_ids):
        for number in by_key[why, value]:
            found[number][household_id].add(why)
    return {
        number: {household_id: sorted(reasons) for household_id, reasons in sorted(households.items())}
        for number, households in found.items()
    }


def doubles_in_batch(families: Sequence[set[Key]]) -> dict[int, tuple[int, list[str]]]:
    """By place: an earlier family of the same batch that shares a key, and the reasons."""
    first: dict[Key, int] = {}
    found: dict[int, tuple[int, list[str]]] = {}
    for number, keys in enumerate(families):
        shared = sorted((first[key], key[0]) for key in keys if key in first)
        if shared:
            found[number] = (shared[0][0], sorted({why for _, why in shared}))
        for key in keys:
            first.setdefault(key, number)
    return found


def doubles_of(
    session: Session, keys: Collection[Key], site_ids: Collection[int], *, besides: int
) -> Doubles:
    """Other households of these sites that share any of the keys."""
    found: dict[int, set[str]] = defaultdict(set)
    for why, _, household_id in _registered(session, keys, site_ids):
        if household_id != besides:
            found[household_id].add(why)
    return {household_id: sorted(reasons) for household_id, reasons in sorted(found.items())}


def _registered(
    session: Session, keys: Collection[Key], site_ids: Collection[int]
) -> list[tuple[str, bytes, int]]:
    """Key and household for every hit at these sites.

    Hits are looked up by their hash first and filtered by site after: joined in one statement, SQLite
    walks the site's whole registry instead.
    """
    values: dict[str, list[bytes]] = defaultdict(list)
    for why, value in keys:
        values[why].append(value)
    hits: list[tuple[str, bytes, int]] = []
    for why, wanted in values.items():
        column, statement = _LOOKS[why]
        for portion in portions(sorted(wanted)):
            rows = session.execute(statement.where(column.in_(portion)))
            hits += [(why, bytes(value), household_id) for value, household_id in rows]
    ours: set[int] = set()
    for some in portions({household_id for _, _, household_id in hits}):
        scoped = select(Household.id).where(
            among(Household.id, some), Household.site_id.in_(sorted(site_ids))
        )
        ours |= set(session.scalars(scoped))
    return [hit for hit in hits if hit[2] in ours]


_LOOKS: dict[str, tuple[Any, Any]] = {
    "phone": (Household.phone_hash, select(Household.phone_hash, Household.id)),
    "document": (Person.document_hash, select(Person.document_hash, Person.household_id)),
    "tax_id": (Person.tax_id_hash, select(Person.tax_id_hash, Person.household_id)),
    "name_and_birth_date": (
        NameToken.token,
        select(NameToken.token, Person.household_id).join(Person, Person.id == NameToken.person_id),
    ),
}
