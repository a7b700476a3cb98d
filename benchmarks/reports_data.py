"""A centre with very many handouts, written straight into the tables of either database.

    python -m benchmarks.reports_data sqlite:////tmp/million.sqlite3 1000000

Fourteen months from October 2021 to November 2022, each with a fourteenth of the handouts spread evenly over
its first 27 days; today is 30 November, so thirteen months are over and the last one is running. Four donors with agreements, deliveries each month (so
lots come and go), six points and two warehouses, families of one to six persons who come once a month at
most. Each handout gives three items, so three handout lines; some draw on two lots; a few are undone. The
services are left out: a million handouts through them would take an hour and prove nothing more about
reading.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

import aidtrack.tables  # noqa: F401
from aidtrack.db import Base, upgrade
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.vault import Vault, use_vault
from aidtrack.inventory.kinds import UNHELD_PLACE_IDS

FIRST = date(2021, 10, 1)
MONTHS = 14
NOW = datetime(2022, 11, 30, 12, 0, tzinfo=UTC)
AT = "2022-11-30 12:00:00.000000"  # the same, as both databases read it
SUPPLIER, IN_TRANSIT, HANDED_OUT, LOSS = 1, 2, 3, 4
WAREHOUSES, POINTS = (11, 12), (21, 22, 23, 24, 25, 26)
ITEMS = 3
LINES_PER_HANDOUT = 3
SOME = 20_000  # rows at a time


def months() -> list[date]:
    found = [FIRST]
    while len(found) < MONTHS:
        found.append((found[-1] + timedelta(days=32)).replace(day=1))
    return found


@dataclass
class Centre:
    """Makes rows; knows what has been made."""

    lines: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    entry: int = 0
    move: int = 0
    handout: int = 0
    lot: int = 0
    balances: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    @property
    def households(self) -> int:
        """A family comes about five times in fourteen months."""
        return max(200, self.lines // LINES_PER_HANDOUT // 5)

    def foundations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        names = {"name_uk": "Назва", "name_en": "Name"}
        made = {"created_at": AT, "created_by": "bench"}
        yield "site", {"id": 1, "code": "DN", **names, "time_zone": "Europe/Kyiv"}
        for place in WAREHOUSES:
            yield (
                "place",
                {
                    "id": place,
                    "code": f"W{place}",
                    "kind": "warehouse",
                    "site_id": 1,
                    "active": True,
                    **names,
                },
            )
        for place in POINTS:
            yield (
                "place",
                {"id": place, "code": f"P{place}", "kind": "point", "site_id": 1, "active": True, **names},
            )
        for item in range(1, ITEMS + 1):
            yield "item", {"id": item, "code": f"item{item}", "base_unit": "g", "active": True, **names}
        for donor, code in enumerate(("WFP", "CITY", "FUND", "MIN"), start=1):
            yield "donor", {"id": donor, "code": code, "active": True, **names}
            yield (
                "agreement",
                {
                    "id": donor,
                    "donor_id": donor,
                    "number": f"{code}-1",
                    "signed_on": str(FIRST),
                    "title_uk": "Угода",
                    "title_en": "A",
                },
            )
            yield (
                "donation",
                {"id": donor, "number": f"D{donor}", "state": "received", "site_id": 1, "place_id": 11, "donor_id": donor,
                 "earmarked": False, "arrived_on": str(FIRST), "recorded_at": AT, "recorded_by": "bench"},
            )  # fmt: skip
        yield "programme", {"id": 1, "code": "FOOD", "active": True, **names}
        yield (
            "programme_rule",
            {"id": 1, "programme_id": 1, "version": 1, "valid_from": str(FIRST), "rule": "{}", **made},
        )
        yield "signing_key", {"id": 1, "public_key": b"k", "private_key": b"k", "created_at": AT}
        for number, month in enumerate(months(), start=1):
            last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            yield (
                "cycle",
                {
                    "id": number,
                    "programme_id": 1,
                    "code": f"C{number}",
                    **names,
                    "starts_on": str(month),
                    "ends_on": str(last),
                },
            )
            yield (
                "round",
                {"id": number, "cycle_id": number, "place_id": 21, "code": f"R{number}", "token_id": number,
                 "first_day": str(month), "last_day": str(last), "state": "open", "print_head_name": False, **made},
            )  # fmt: skip
            yield "profile", {"id": number, "round_id": number, "number": 1}

    def size_of(self, household: int) -> int:
        return 1 + household % 6

    def first_person(self, household: int) -> int:
        full, rest = divmod(household - 1, 6)
        return full * 21 + sum(1 + (number % 6) for number in range(1, rest + 1)) + 1

    def people(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for household in range(1, self.households + 1):
            yield (
                "household",
                {"id": household, "registration_no": f"H{household}", "site_id": 1, "settlement": "Дніпро",
                 "registered_on": str(FIRST), "version": 1, "changed_at": AT, "changed_by": "bench"},
            )  # fmt: skip
            yield (
                "eligibility",
                {"id": household, "household_id": household, "programme_id": 1, "status": "eligible", "rule_id": 1,
                 "facts": SEALED, "ground": "application", "valid_from": str(FIRST), "marked_at": AT},
            )  # fmt: skip
            first = self.first_person(household)
            for person in range(first, first + self.size_of(household)):
                yield (
                    "person",
                    {"id": person, "household_id": household, "is_head": person == first, "surname": SEALED,
                     "given_name": SEALED, "sex": "female", "joined_on": str(FIRST)},
                )  # fmt: skip

    def post(
        self, kind: str, on: date, moves: Sequence[tuple[int, int, int, int]], **more: Any
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        self.entry += 1
        row = {"id": self.entry, "kind": kind, "document": f"N{self.entry}", "effective_on": str(on), "recorded_at": AT,
               "actor_label": "bench", "site_id": 1, "reverses_id": None, "reason": None, "cause": None}  # fmt: skip
        yield "stock_entry", {**row, **more}
        for lot, source, target, units in moves:
            self.move += 1
            yield (
                "stock_move",
                {"id": self.move, "entry_id": self.entry, "lot_id": lot, "source_id": source, "target_id": target,
                 "units": units},
            )  # fmt: skip
            for place, signed in ((source, -units), (target, units)):
                if place not in UNHELD_PLACE_IDS:
                    self.balances[lot, place] += signed

    def goods(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Month by month: deliveries, transfers to the points, handouts, a loss."""
        per_month = self.lines // LINES_PER_HANDOUT // MONTHS + 1
        left = self.lines // LINES_PER_HANDOUT
        for number, month in enumerate(months(), start=1):
            lots = yield from self._deliveries(month, per_month)
            families = self.chance.sample(
                range(1, self.households + 1), k=min(per_month, left, self.households)
            )
            left -= len(families)
            for turn, household in enumerate(families):
                on = month + timedelta(days=turn * 27 // len(families))
                yield from self._handout(number, household, on, lots)

    def _deliveries(
        self, month: date, families: int
    ) -> Generator[tuple[str, dict[str, Any]], None, dict[int, list[int]]]:
        """For each item two lots of the WFP and one of another donor, spread over the points."""
        lots: dict[int, list[int]] = defaultdict(list)
        enough = families * 8_000 // len(POINTS) + 1_000_000
        for item in range(1, ITEMS + 1):
            for donor in (1, 1, 2 + self.chance.randrange(3)):
                self.lot += 1
                yield (
                    "stock_lot",
                    {"id": self.lot, "code": f"L{self.lot}", "item_id": item, "donation_id": donor, "donor_id": donor,
                     "agreement_id": donor, "earmarked": False, "received_on": str(month), "condition": "new",
                     "status": "usable", "expires_on": str(month + timedelta(days=400))},
                )  # fmt: skip
                yield from self.post(
                    "receipt", month, [(self.lot, SUPPLIER, 11, enough * len(POINTS) + 1_000)]
                )
                for place in POINTS:
                    yield from self.post("dispatch", month, [(self.lot, 11, IN_TRANSIT, enough)])
                    yield from self.post("arrival", month, [(self.lot, IN_TRANSIT, place, enough)])
                yield from self.post(
                    "loss", month + timedelta(days=9), [(self.lot, 11, LOSS, 70)], cause="wetting"
                )
                lots[item].append(self.lot)
        return lots

    def _handout(
        self, number: int, household: int, on: date, lots: dict[int, list[int]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        place = POINTS[household % len(POINTS)]
        size = self.size_of(household)
        moves = []
        for item, choice in lots.items():
            first, second, other = choice
            lot = other if household % 4 == 0 else first if on.day < 15 else second
            if self.chance.random() < 0.03:  # the end of one lot and the beginning of the next
                moves += [(first, place, HANDED_OUT, 400), (second, place, HANDED_OUT, size * 1_000)]
            else:
                moves.append((lot, place, HANDED_OUT, size * 1_000 + item))
        yield from self.post("handout", on, moves)
        self.handout += 1
        me, entry = self.handout, self.entry
        yield (
            "entitlement",
            {"id": me, "cycle_id": number, "round_id": number, "household_id": household, "profile_id": number,
             "eligibility_id": household, "persons": size, "turn": 1},
        )  # fmt: skip
        first_person = self.first_person(household)
        for person in range(first_person, first_person + size):
            yield "entitlement_person", {"entitlement_id": me, "person_id": person}
        yield (
            "voucher",
            {"id": me, "entitlement_id": me, "round_id": number, "public_id": me.to_bytes(16, "big"),
             "typed_code": f"T{me}", "serial": f"S{me}", "status_index": me, "key_id": 1, "first_day": str(on), "last_day": str(on),
             "signature": ZEROS, "state": "redeemed", "issued_at": AT},
        )  # fmt: skip
        common = {"body_hash": ZEROS[:32], "entitlement_id": me, "turn": 1, "voucher_id": me, "round_id": number,
                  "household_id": household, "place_id": place, "site_id": 1, "collector": "head", "at": AT,
                  "actor_label": "bench", "reverses_id": None}  # fmt: skip
        yield (
            "handout",
            {
                "id": 2 * me,
                "client_id": f"c{me}",
                "kind": "regular",
                "entry_id": entry,
                "given_on": str(on),
                **common,
            },
        )
        for item in lots:
            yield (
                "handout_line",
                {"handout_id": 2 * me, "item_id": item, "due_units": size * 2_000, "units": size * 1_000},
            )
        if me % 500 == 0:
            yield from self.post(
                "handout", on, [(lot, target, source, units) for lot, source, target, units in moves],
                reverses_id=entry, reason="помилка",
            )  # fmt: skip
            yield (
                "handout",
                {"id": 2 * me + 1, "client_id": f"r{me}", "kind": "reversal", "entry_id": self.entry, "given_on": str(on),
                 **common, "reverses_id": 2 * me},
            )  # fmt: skip

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self.foundations()
        yield from self.people()
        yield from self.goods()
        for (lot, place), units in self.balances.items():
            yield "stock_balance", {"lot_id": lot, "place_id": place, "units": units}


ZEROS = bytes(64)
SEALED = bytes(48)  # about as long as a name and its seal; nobody opens it


def fill(url: str, lines: int, on_progress: Callable[[int], None] | None = None) -> Centre:
    """Make the tables and the rows; an index and a foreign key at a time would be no more true.

    Args:
        on_progress: called now and then with how many handout lines are written.
    """
    use_vault(Vault(b"for measurements only, nowhere else"))
    upgrade(url)
    engine = create_engine(url, **engine_options(url))
    configure(engine)
    centre = Centre(lines)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # by the driver, before the transaction in which neither could be changed
            driver = connection.connection.dbapi_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("PRAGMA synchronous=OFF")
            driver.execute("PRAGMA cache_size=-300000")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql("SET timezone = 'UTC'")
            connection.exec_driver_sql("SET maintenance_work_mem = '256MB'")
        indexes = _without_indexes(connection)
        rows = centre.rows()
        while some := list(islice(rows, SOME)):
            by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for table, row in some:
                by_table[table].append(row)
            for table, found in by_table.items():
                _write(connection, table, found)
            if on_progress is not None:
                on_progress(centre.handout * LINES_PER_HANDOUT)
        for statement in indexes:
            connection.exec_driver_sql(statement)
        connection.commit()
    _settle(engine)
    engine.dispose()
    return centre


def _without_indexes(connection: Connection) -> list[str]:
    """Take away every index that no constraint needs; returns what makes them again, at a tenth of the cost."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        asked = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint)"
        )
    found = connection.exec_driver_sql(asked).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _write(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Rows as they are, past the product's types: values are numbers, texts, bytes and truths."""
    names = ", ".join(f'"{column}"' for column in rows[0])
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row.values()) for row in rows]
        )
        return
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        copy.write("".join("\t".join(map(_as_text, row.values())) + "\n" for row in rows))


def _as_text(value: int | str | bytes | bool | None) -> str:
    """A value in PostgreSQL's text form of COPY; no text here has a tab, a line's end or a backslash."""
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    return str(value)


def _settle(engine: Engine) -> None:
    """What a running database would have: statistics, and numbers that go on behind the rows."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        if engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM"))
            for table in Base.metadata.sorted_tables:
                if "id" in table.c and table.c.id.primary_key:
                    connection.execute(
                        text(
                            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                            f"GREATEST((SELECT max(id) FROM {table.name}), 1))"
                        )
                    )


if __name__ == "__main__":
    made = fill(sys.argv[1], int(sys.argv[2]))
    print(f"{made.handout} handouts, {made.entry} entries, {made.move} movements, {made.lot} lots")
