"""A registry of very many families, written straight into the tables of either database.

    python -m benchmarks.register sqlite:////tmp/register.sqlite3 100000

Filled as the schema stood at `FILLED_AT` and then upgraded, so a migration that moves rows is met here with
a hundred thousand families before a centre meets it. `registers()` gives fresh copies of databases that are
filled once and kept in /tmp/register-*.

Nobody in it exists. Frequencies are those of a centre of 2022: a quarter displaced, one in five with a
decision, six in ten with an assessment, one in three served lately.
"""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

import aidtrack.tables  # noqa: F401
from aidtrack.beneficiaries import identifiers, matching, search_index
from aidtrack.beneficiaries.services.kinds import KINDS
from aidtrack.config import load
from aidtrack.db import upgrade
from aidtrack.db.bundled import bundled
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.vault import Vault, current_vault, use_vault
from aidtrack.demo.names import MEN, SURNAMES, WOMEN
from aidtrack.kernel.ids import registration_number

FILLED_AT = "0010"
FORMAT = 1  # raise it when other rows are made
TODAY = date(2022, 11, 30)
NOW = datetime(2022, 11, 30, 9, 0, tzinfo=UTC)
SOME = 2_000  # households at a time
HOUSEHOLDS = 100_000
SITES = ((1, "DN", "Дніпро", "Dnipro"), (2, "ZH", "Житомир", "Zhytomyr"))
PROGRAMME, RULE, CYCLE, ROUND, POINT = 1, 1, 1, 1, 21
# settlements of the Dnipro hromada's neighbourhood; the last is far away
PLACES = (
    ("Дніпро", "UA12020010010037010"), ("Підгородне", "UA12020210010033000"),
    ("Новоолександрівка", "UA12020150010018000"), ("Кам’янське", "UA12040150010016000"),
    ("Нікополь", "UA12080050010061000"), ("Покровськ", "UA14160210010011000"), ("Калуш", "UA26060170010091000"),
)  # fmt: skip
PERSON_KINDS = (("low_income", 0.10), ("disability", 0.06), ("single_parent", 0.03), ("veteran", 0.02),
                ("conflict_affected", 0.03), ("homeless", 0.004))  # fmt: skip
HOUSEHOLD_KINDS = (("szho", 0.06), ("family_with_disabled_child", 0.03), ("veteran_family", 0.03),
                   ("guardian_family", 0.01))  # fmt: skip

COLUMNS: dict[str, tuple[str, ...]] = {
    "household": ("id", "registration_no", "site_id", "settlement", "katottg", "address", "phone", "phone_hash",
                  "proxy_name", "displaced_on", "registered_on", "version", "changed_at", "changed_by"),
    "person": ("id", "household_id", "is_head", "surname", "given_name", "patronymic", "sex", "birth_date",
               "document", "document_hash", "tax_id_hash", "joined_on", "left_on"),
    "name_token": ("token", "person_id"),
    "category": ("household_id", "person_id", "kind", "evidence", "proven", "valid_from", "valid_until", "seen_by"),
    "protected_category": ("household_id", "person_id", "kind", "evidence", "valid_from", "valid_until", "seen_by"),
    "needs_assessment": ("household_id", "act_number", "made_on", "valid_until", "at_home", "recorded_by"),
    "eligibility_decision": ("household_id", "body", "number", "decided_on", "valid_from", "valid_until",
                             "programme_id", "recorded_by"),
    "handout": ("id", "client_id", "body_hash", "kind", "entitlement_id", "turn", "voucher_id", "round_id",
                "household_id", "place_id", "site_id", "entry_id", "collector", "given_on", "at", "actor_label"),
}  # fmt: skip


def surnames(chance: random.Random) -> list[str]:
    """Four thousand of them, a few very common: one surname in a registry is not one family."""
    first = ("Бар", "Вол", "Гал", "Дуб", "Зав", "Кир", "Лоз", "Мар", "Нем", "Ост", "Пал", "Рад", "Сав", "Тер",
             "Халап", "Цим", "Чуб", "Шев", "Яр", "Жур")  # fmt: skip
    second = ("а", "ен", "ин", "иц", "ов", "ор", "ош", "ун", "ух", "ич", "ад", "ек", "ел", "ем", "ес", "ід",
              "ік", "іл", "ім", "іс", "ог", "ол", "ом", "оп", "уб", "уд", "ук", "ул", "ум", "уш", "ян", "яч")  # fmt: skip
    made = [
        one + two + end for one in first for two in second for end in ("енко", "ук", "юк", "чук", "ко", "ник")
    ]
    chance.shuffle(made)
    return [*SURNAMES, *made]


@dataclass
class Registry:
    """Makes the rows of so many families; the same seed makes the same families."""

    households: int
    seed: int = 7
    persons: int = 0
    handouts: int = 0
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._surnames = surnames(self._chance)

    def portions(self) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
        for start in range(1, self.households + 1, SOME):
            rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
            for number in range(start, min(start + SOME, self.households + 1)):
                self._family(number, rows)
            yield rows

    def _surname(self) -> str:
        """Zipf's habit: a third of the people bear one of the hundred common names."""
        known = self._surnames
        return known[min(int(len(known) ** self._chance.random() ** 0.6) - 1, len(known) - 1)]

    def _family(self, number: int, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        chance, vault = self._chance, current_vault()
        site = 1 if number % 10 else 2
        settlement, code = chance.choices(PLACES, (50, 12, 10, 10, 8, 5, 5))[0]
        registered = TODAY - timedelta(days=chance.randrange(30, 1500))
        displaced = TODAY - timedelta(days=chance.randrange(5, 280)) if chance.random() < 0.25 else None
        phone = f"+38067{number:07}" if chance.random() < 0.8 else None
        proxy = f"Сусід {self._surname()}" if chance.random() < 0.1 else None
        address = f"вул. Садова, {chance.randrange(1, 200)}, кв. {chance.randrange(1, 120)}"
        rows["household"].append((
            number, registration_number(SITES[site - 1][1], registered.year, number), site, settlement,
            code if chance.random() < 0.9 else None, vault.encrypt(address, "household.address"),
            vault.encrypt(phone, "household.phone") if phone else None, identifiers.phone_hash(phone),
            vault.encrypt(proxy, "household.proxy") if proxy else None, displaced, registered, 1, NOW, "bench",
        ))  # fmt: skip
        size = chance.choices((1, 2, 3, 4, 5, 6, 7), (18, 24, 24, 18, 9, 5, 2))[0]
        surname = self._surname()
        for place in range(size):
            self._person(number, place, size, surname, registered, displaced, rows)
        owned = [kind for kind, share in HOUSEHOLD_KINDS if chance.random() < share]
        owned += ["large_family"] if size >= 5 and chance.random() < 0.8 else []
        for kind in owned:
            rows["category"].append(self._category(number, None, kind, registered))
        if chance.random() < 0.6:
            made = TODAY - timedelta(days=chance.randrange(1, 700))
            rows["needs_assessment"].append(
                (number, f"А-{number}", made, made + timedelta(days=365), chance.random() < 0.4, "bench")
            )
        if chance.random() < 0.2:
            on = TODAY - timedelta(days=chance.randrange(1, 300))
            until = on + timedelta(days=365) if chance.random() < 0.7 else None
            rows["eligibility_decision"].append(
                (number, "council", f"{number}/22", on, on, until, chance.choice((None, PROGRAMME)), "bench")
            )
        if chance.random() < 0.33:
            self.handouts += 1
            given = TODAY - timedelta(days=chance.randrange(1, 90))
            me = self.handouts
            rows["handout"].append((
                me, f"h{me}", b"0" * 32, "regular", me, 1, me, ROUND, number, POINT, site, me, "head", given,
                NOW, "bench",
            ))  # fmt: skip

    def _person(
        self, household: int, place: int, size: int, surname: str, registered: date, displaced: date | None,
        rows: dict[str, list[tuple[Any, ...]]],
    ) -> None:  # fmt: skip
        chance, vault = self._chance, current_vault()
        self.persons += 1
        woman = chance.random() < (0.75 if place == 0 else 0.5)
        father = MEN[chance.randrange(len(MEN))]
        given = chance.choice(WOMEN) if woman else MEN[chance.randrange(len(MEN))][0]
        years = (
            chance.randrange(19, 88) if place == 0 or (place == 1 and size > 2) else chance.randrange(0, 60)
        )
        born = TODAY - timedelta(days=years * 365 + chance.randrange(1, 365))
        columns: dict[str, Any] = {
            "surname": surname if chance.random() < 0.9 else self._surname(),
            "given_name": given,
            "patronymic": father[1] if woman else father[2],
            "birth_date": born if chance.random() < 0.98 else None,
            "sex": "female" if woman else "male",
        }
        document = f"паспорт АН {self.persons:06}" if years > 13 and chance.random() < 0.7 else None
        tax = f"{self.persons:010}" if years > 13 and chance.random() < 0.6 else None
        rows["person"].append((
            self.persons, household, place == 0, vault.encrypt(columns["surname"], "person.surname"),
            vault.encrypt(given, "person.given_name"), vault.encrypt(columns["patronymic"], "person.patronymic"),
            "female" if woman else "male", columns["birth_date"],
            vault.encrypt(document, "person.document") if document else None, identifiers.document_hash(document),
            identifiers.tax_id_hash(tax), registered, None if chance.random() < 0.97 else TODAY,
        ))  # fmt: skip
        rows["name_token"] += [(token, self.persons) for token in search_index.tokens_of(columns)]
        owned = [kind for kind, share in PERSON_KINDS if chance.random() < share]
        owned += ["idp"] if displaced is not None and chance.random() < 0.95 else []
        owned += ["older_person"] if years >= 60 and chance.random() < 0.8 else []
        for kind in owned:
            rows["category"].append(self._category(household, self.persons, kind, registered))
        if chance.random() < 0.01:
            kind = chance.choice(("gbv_survivor", "ex_prisoner", "serious_illness"))
            rows["protected_category"].append((
                household, self.persons, vault.encrypt(kind, "protected.kind"), None, registered, None, "bench",
            ))  # fmt: skip

    def _category(self, household: int, person: int | None, kind: str, since: date) -> tuple[Any, ...]:
        chance = self._chance
        proven = chance.random() < 0.7
        paper = current_vault().encrypt(f"посвідчення № {household}", "category.evidence") if proven else None
        until = TODAY + timedelta(days=chance.randrange(-60, 700)) if chance.random() < 0.4 else None
        since = min(since, until) if until else since
        return (household, person, kind, paper, proven, since, until, "bench")


def _foundations() -> Iterator[tuple[str, dict[str, Any]]]:
    names = {"name_uk": "Назва", "name_en": "Name"}
    yield "centre", {"id": 1, **names, "deployment_tag": b"BNCH"}
    for number, code, name_uk, name_en in SITES:
        yield (
            "site",
            {"id": number, "code": code, "name_uk": name_uk, "name_en": name_en, "time_zone": "Europe/Kyiv"},
        )
    yield "place", {"id": POINT, "code": "P21", "kind": "point", "site_id": 1, "active": True, **names}
    yield "programme", {"id": PROGRAMME, "code": "FOOD", "active": True, **names}
    yield "programme_rule", {
        "id": RULE, "programme_id": PROGRAMME, "version": 1, "valid_from": date(2022, 1, 1), "created_at": NOW,
        "created_by": "bench",
        "rule": {"is": "all", "of": [
            {"is": "any", "of": [
                {"is": "any_member", "categories": ["idp", "disability", "low_income"]},
                {"is": "household_category", "categories": ["szho", "large_family"]},
            ]},
            {"is": "min_days_since_last_issue", "days": 30},
        ]},
    }  # fmt: skip
    yield "cycle", {
        "id": CYCLE, "programme_id": PROGRAMME, "code": "C1", **names, "starts_on": date(2022, 9, 1),
        "ends_on": date(2022, 12, 31),
    }  # fmt: skip
    yield "round", {
        "id": ROUND, "cycle_id": CYCLE, "place_id": POINT, "code": "R1", "token_id": 7, "first_day": date(2022, 9, 1),
        "last_day": date(2022, 12, 31), "state": "open", "print_head_name": False, "created_at": NOW,
        "created_by": "bench",
    }  # fmt: skip
    for kind in KINDS:
        yield "category_kind", {
            "code": kind.code, "name_uk": kind.name_uk, "name_en": kind.name_en, "of_household": kind.of_household,
            "protected": kind.protected,
        }  # fmt: skip


def fill(url: str, households: int = HOUSEHOLDS, *, revision: str = "head") -> Registry:
    """Make an empty database at that URL hold so many families, and bring it to `revision`.

    Encrypted and hashed with the key of `tests.support.product`, so that its server can be run on it.
    """
    _use_our_key(url)
    upgrade(url, FILLED_AT)
    engine = create_engine(url, **engine_options(url))
    registry = Registry(households)
    try:
        (_fill_sqlite if engine.dialect.name == "sqlite" else _fill_postgres)(engine, registry)
    finally:
        engine.dispose()
    if revision != FILLED_AT:
        upgrade(url, revision)
    return registry


def _use_our_key(url: str) -> None:
    """Filling and migrating both seal what identifies a family."""
    from tests.support.product import environment

    use_vault(Vault(load(environment(url, Path("/tmp"))).data_key))


def _plain(value: Any) -> Any:
    """As SQLite's dialect writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, dict) else value


def _fill_sqlite(engine: Engine, registry: Registry) -> None:
    configure(engine)
    with engine.connect() as held:
        connection: Any = held.connection.driver_connection
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-262144", "temp_store=FILE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TEMP TABLE heap (token BLOB, person_id INTEGER)")
        connection.execute("BEGIN IMMEDIATE")
        for table, row in _foundations():
            connection.execute(_insert(table, list(row)), [_plain(value) for value in row.values()])
        for rows in registry.portions():
            for table, found in rows.items():
                name = "heap" if table == "name_token" else table
                connection.executemany(
                    _insert(name, COLUMNS[table]), [tuple(map(_plain, row)) for row in found]
                )
        # in the order of the index: at random it is written ten times over
        connection.execute(
            "INSERT INTO name_token (token, person_id) SELECT token, person_id FROM heap ORDER BY 1, 2"
        )
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _fill_postgres(engine: Engine, registry: Registry) -> None:
    with engine.connect() as held:
        held.exec_driver_sql("SET session_replication_role = replica")
        held.exec_driver_sql("ALTER TABLE name_token DROP CONSTRAINT pk_name_token")
        held.exec_driver_sql("DROP INDEX ix_name_token_person_id")
        cursor: Any = held.connection.cursor()
        for table, row in _foundations():
            marks = ", ".join(["%s"] * len(row))
            values = [Jsonb(value) if isinstance(value, dict) else value for value in row.values()]
            cursor.execute(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({marks})', values)
        for rows in registry.portions():
            for table, found in rows.items():
                with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                    for one in found:
                        copy.write_row(one)
        held.exec_driver_sql(
            "ALTER TABLE name_token ADD CONSTRAINT pk_name_token PRIMARY KEY (token, person_id)"
        )
        held.exec_driver_sql("CREATE INDEX ix_name_token_person_id ON name_token (person_id)")
        for table, row in (*_foundations(), *((name, {"id": 1}) for name in COLUMNS)):
            if "id" in row and table not in ("name_token", "centre"):
                held.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), "
                    f'GREATEST((SELECT max(id) FROM "{table}"), 1))'
                )
        held.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as held:
        held.exec_driver_sql("VACUUM ANALYZE")


# --- kept copies ------------------------------------------------------------------------------------


def _kept(households: int) -> Path:
    """Where filled databases wait; another `FORMAT`, or names found by other tokens, are filled anew."""
    told = hashlib.sha256(repr((FORMAT, sorted(matching.name_tokens("Шевченко-Коваль Олена")))).encode())
    return Path(tempfile.gettempdir(), f"register-{households}-{told.hexdigest()[:10]}")


def _schema() -> str:
    """The same for the same migrations: with another schema the filled database is upgraded anew."""
    told = hashlib.sha256()
    for file in sorted(bundled("migrations").glob("versions/*.py")):
        told.update(file.read_bytes())
    return told.hexdigest()[:10]


@contextmanager
def register(kind: str, households: int = HOUSEHOLDS) -> Iterator[tuple[str, Path]]:
    """A fresh filled database (`sqlite` or `postgresql`) at the newest revision: its URL and an instance folder."""
    from tests.support.postgres import running_server

    kept = _kept(households)
    kept.mkdir(exist_ok=True)
    filled, ready = kept / f"filled-{kind}", kept / f"{_schema()}-{kind}"
    making = kept / f"making-{os.getpid()}-{kind}"
    with tempfile.TemporaryDirectory(prefix="aidregister-") as folder:
        if kind == "sqlite":
            if not filled.exists():
                fill(f"sqlite:///{making}", households, revision=FILLED_AT)
                _keep(making, filled)
            if not ready.exists():
                shutil.copyfile(filled, making)
                _use_our_key(f"sqlite:///{making}")
                upgrade(f"sqlite:///{making}")
                _keep(making, ready)
            shutil.copyfile(ready, Path(folder, "register.sqlite3"))
            url = f"sqlite:///{folder}/register.sqlite3"
            _use_our_key(url)
            yield url, Path(folder)
            return
        if not filled.exists():
            with running_server(durable=True, keep=making) as url:
                fill(url, households, revision=FILLED_AT)
            making.rename(filled)
        if not ready.exists():
            with running_server(durable=True, copy_of=filled, keep=making) as url:
                _use_our_key(url)
                upgrade(url)
            making.rename(ready)
        with running_server(durable=True, copy_of=ready) as url:
            _use_our_key(url)
            yield url, Path(folder)


def _keep(making: Path, kept: Path) -> None:
    with sqlite3.connect(making) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    making.rename(kept)


if __name__ == "__main__":
    began = time.perf_counter()
    made = fill(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else HOUSEHOLDS)
    print(f"{make_url(sys.argv[1]).get_backend_name()}: {made.households} families, {made.persons} people, "
          f"{time.perf_counter() - began:.0f} s")  # fmt: skip
