"""Families enter the registry, one at the desk or thousands from a file, by the same rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.audit.models import AuditEvent, CommandReceipt
from aidtrack.audit.services import body_hash
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import RegisterHousehold
from aidtrack.beneficiaries.errors import PossibleDuplicate
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import Category, Collector, Household, NameToken, Person, ProtectedCategory
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.db import Base, seal_words
from aidtrack.db.bulk import insert_hashes
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import CommandReused, NotFound
from aidtrack.kernel.ids import ALPHABET, registration_number

KIND = "register_household"
TOKENS = Base.metadata.tables[NameToken.__tablename__]
BATCH = 1000
_LOCK = 0x61696472  # "aidr": serial numbers are given out one transaction at a time


def register_household(session: Session, command: RegisterHousehold, *, actor: Actor, now: datetime) -> int:
    """Enter one family into the registry and give its id; the same command id has one effect.

    Raises:
        FamilyRefused: something typed cannot be kept; names the field.
        PossibleDuplicate: it may be registered already, and no reason to go on was given.
        NotFound: the site is not the actor's.
    """
    return register_many(session, [command], actor=actor, now=now)[0]


def register_many(
    session: Session, commands: Iterable[RegisterHousehold], *, actor: Actor, now: datetime
) -> list[int]:
    """Enter many families in one transaction, in order; all or none.

    Every rule of `register_household` holds. A possible duplicate names its place by the fact `index`.
    """
    ids: list[int] = []
    iterator = iter(commands)
    kinds = queries.kinds(session)
    while batch := list(islice(iterator, BATCH)):
        ids += _register_batch(session, batch, kinds, first=len(ids), actor=actor, now=now)
    return ids


def _register_batch(
    session: Session,
    commands: Sequence[RegisterHousehold],
    kinds: checking.Kinds,
    *,
    first: int,
    actor: Actor,
    now: datetime,
) -> list[int]:
    sites = _sites(session, {command.site_id for command in commands}, actor)
    done = _already_done(session, commands)
    new = [command for command in commands if str(command.command_id) not in done]
    families = [
        checking.family(command, kinds, today=local_date(now, sites[command.site_id].time_zone), actor=actor)
        for command in new
    ]
    _refuse_doubles(session, new, families, actor=actor, first=first)
    give_numbers(session, families, sites)
    for family in families:
        family.columns |= {"version": 1, "changed_at": now, "changed_by": actor.label}
    ids = queries.insert_returning(session, Household, [family.columns for family in families])
    _insert_people(session, families, ids)
    queries.insert_many(
        session,
        Collector,
        [
            {
                "household_id": household_id,
                "name": family.collector,
                "valid_from": family.columns["registered_on"],
                "added_at": now,
                "added_by": actor.label,
            }
            for family, household_id in zip(families, ids, strict=True)
            if family.collector is not None
        ],
    )
    _record(session, new, families, ids, actor=actor, now=now)
    fresh = iter(ids)
    made = {str(command.command_id): next(fresh) for command in new}
    return [done.get(str(command.command_id)) or made[str(command.command_id)] for command in commands]


def _sites(session: Session, site_ids: set[int], actor: Actor) -> dict[int, Site]:
    for site_id in site_ids:
        actor.require(Permission.HOUSEHOLD_WRITE, site_id=site_id)
    found = {site.id: site for site in session.scalars(select(Site).where(Site.id.in_(site_ids)))}
    if set(found) != site_ids:
        raise NotFound()
    return found


def _already_done(session: Session, commands: Sequence[RegisterHousehold]) -> dict[str, int]:
    """What these command ids made before (I10)."""
    by_id = {str(command.command_id): command for command in commands}
    if len(by_id) != len(commands):
        raise CommandReused()
    before = session.execute(
        select(
            CommandReceipt.command_id, CommandReceipt.kind, CommandReceipt.body_hash, CommandReceipt.object_id
        ).where(CommandReceipt.command_id.in_(by_id))
    )
    done: dict[str, int] = {}
    for command_id, kind, hashed, object_id in before:
        if kind != KIND or bytes(hashed) != body_hash(secret_body(by_id[command_id])) or object_id is None:
            raise CommandReused()
        done[command_id] = object_id
    return done


def _refuse_doubles(
    session: Session,
    commands: Sequence[RegisterHousehold],
    families: Sequence[checking.Family],
    *,
    actor: Actor,
    first: int,
) -> None:
    keys = [family.keys() for family in families]
    found = queries.possible_doubles(session, keys, actor.site_ids)
    in_batch = queries.doubles_in_batch(keys)
    for number, (command, family) in enumerate(zip(commands, families, strict=True)):
        family.doubles = found.get(number, {})
        if clean_text(command.go_on_reason, 500, "go_on_reason"):
            continue
        if number in in_batch:
            earlier, why = in_batch[number]
            raise PossibleDuplicate(households=[], reasons=why, index=first + number, same_as=first + earlier)
        if family.doubles:
            raise PossibleDuplicate(
                households=sorted(family.doubles),
                reasons={str(household): why for household, why in sorted(family.doubles.items())},
                index=first + number,
            )


def site_letters(code: str) -> str:
    """One to four capitals for registration numbers, from whatever code the site was given."""
    usable = "".join(letter for letter in code.upper() if letter in ALPHABET and letter.isalpha())
    return usable[:4] or "X"


def give_numbers(session: Session, families: Sequence[checking.Family], sites: dict[int, Site]) -> None:
    """Give registration numbers: serial within site letters and year of registration."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    groups: dict[tuple[str, int], list[checking.Family]] = defaultdict(list)
    for family in families:
        site, day = sites[family.columns["site_id"]], family.columns["registered_on"]
        groups[site_letters(site.code), day.year].append(family)
    for (letters, year), members in groups.items():
        serial = _last_serial(session, letters, year)
        for serial, family in enumerate(members, start=serial + 1):  # noqa: B020
            family.columns["registration_no"] = registration_number(letters, year, serial)


def _last_serial(session: Session, letters: str, year: int) -> int:
    """Serials grow with ids because they are given out under a lock, so the newest row has the last one."""
    newest = session.scalar(
        select(Household.registration_no)
        .where(Household.registration_no.like(f"{letters}-{year % 100:02}-%"))
        .order_by(Household.id.desc())
        .limit(1)
    )
    return int(newest.split("-")[2]) if newest else 0


def _insert_people(session: Session, families: Sequence[checking.Family], ids: Sequence[int]) -> None:
    for family, household_id in zip(families, ids, strict=True):
        for person in family.people:
            person.columns["household_id"] = household_id
    people = [person for family in families for person in family.people]
    person_ids = queries.insert_returning(session, Person, [person.columns for person in people])
    insert_tokens(session, ((token, number) for person, number in zip(people, person_ids, strict=True)
                            for token in person.tokens()))  # fmt: skip
    numbers = iter(person_ids)
    ordinary: list[dict[str, Any]] = []
    protected: list[dict[str, Any]] = []
    for family, household_id in zip(families, ids, strict=True):
        owners: list[tuple[int | None, checking.Drawer, checking.Drawer]] = [
            (None, family.categories, family.protected)
        ]
        owners += [(next(numbers), person.categories, person.protected) for person in family.people]
        for person_id, open_ones, closed_ones in owners:
            whose = {"household_id": household_id, "person_id": person_id}
            ordinary += [columns | whose for columns in open_ones]
            protected += [columns | whose for columns in closed_ones]
    queries.insert_many(session, Category, ordinary)
    queries.insert_many(session, ProtectedCategory, protected)


def insert_tokens(session: Session, pairs: Iterable[tuple[bytes, int]]) -> None:
    """Add search tokens: some twenty for each person, by far the most rows of a registration.

    In the order of the index, so that each of its pages is met once: at random they are read and written many times.
    """
    insert_hashes(session, TOKENS, ("token", "person_id"), sorted(pairs))


def _record(
    session: Session,
    commands: Sequence[RegisterHousehold],
    families: Sequence[checking.Family],
    ids: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if not ids:
        return
    common = {"at": now, "actor_label": actor.label, "user_id": actor.user_id, "token_id": actor.token_id}
    queries.insert_many(
        session,
        AuditEvent,
        [
            {
                **common,
                "site_id": command.site_id,
                "action": "beneficiaries.register_household",
                "object_type": "household",
                "object_id": household_id,
                "reason": seal_words(
                    session, household_id, clean_text(command.go_on_reason, 500, "go_on_reason")
                )
                if family.doubles
                else None,
                "facts": {
                    "registration_no": family.columns["registration_no"],
                    "members": len(family.people),
                    **({"possible_doubles": sorted(family.doubles)} if family.doubles else {}),
                },
            }
            for command, family, household_id in zip(commands, families, ids, strict=True)
        ],
    )
    queries.insert_many(
        session,
        CommandReceipt,
        [
            {
                "command_id": str(command.command_id),
                "kind": KIND,
                "body_hash": body_hash(secret_body(command)),
                "object_id": household_id,
                "at": now,
                "actor_label": actor.label,
            }
            for command, household_id in zip(commands, ids, strict=True)
        ],
    )
