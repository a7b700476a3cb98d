"""A registry of very many families, written straight into the tables of either database.

    python -m benchmarks.register sqlite:////tmp/register.sqlite3 100000

`register()` gives fresh copies of databases that are filled once for both kinds and kept in /tmp/register-*, until
this file, a migration or what names are found by changes.

Nobody in it exists. Frequencies are those of a centre of 2022: a quarter displaced, one in five with a
decision, six in ten with an assessment, one appeal a family, one in three served lately.
"""

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as moment
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

import aidtrack.tables  # noqa: F401
from aidtrack.beneficiaries import identifiers, search_index
from aidtrack.beneficiaries.services.kinds import KINDS
from aidtrack.config import load
from aidtrack.db import upgrade
from aidtrack.db.bundled import bundled
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.keyring import KEY_BYTES, seal
from aidtrack.db.vault import Vault, current_vault, use_vault
from aidtrack.demo.names import MEN, SURNAMES, WOMEN
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import registration_number

TODAY = local_date(
    utc_now()
)  # all days are counted from the day of making: acts and categories end around it
NOW = datetime.combine(TODAY, moment(9), tzinfo=UTC)
SOME = 2_000  # households at a time
HOUSEHOLDS = 100_000
MOST_MEMBERS = 7
MONTHS = timedelta(days=90)
SITES = ((1, "DN", "Дніпро", "Dnipro"), (2, "ZH", "Житомир", "Zhytomyr"))
CASEWORKERS = 64  # of the first site, to whom appeals are given
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

WITHOUT_NUMBER = {"name_token", "household_key"}  # tables whose rows have no number of their own
FILLING = (
    "fsync=off",
    "full_page_writes=off",
    "maintenance_work_mem=512MB",
    "max_wal_size=8GB",
    "autovacuum=off",
)

Rows = dict[str, list[tuple[Any, ...]]]
Write = Callable[[Rows], None]
COLUMNS: dict[str, tuple[str, ...]] = {
    "household": ("id", "registration_no", "site_id", "settlement", "katottg", "address", "phone", "phone_hash",
                  "displaced_on", "registered_on", "version", "changed_at", "changed_by"),
    "household_key": ("household_id", "sealed"),
    "collector": ("household_id", "name", "valid_from", "added_at", "added_by"),
    "person": ("id", "household_id", "is_head", "surname", "given_name", "patronymic", "sex", "birth_date",
               "document", "document_hash", "tax_id_hash", "joined_on", "left_on"),
    "name_token": ("token", "person_id"),
    "category": ("household_id", "person_id", "kind", "evidence", "proven", "valid_from", "valid_until", "seen_by"),
    "protected_category": ("household_id", "person_id", "kind", "evidence", "valid_from", "valid_until", "seen_by"),
    "intake": ("site_id", "household_id", "number", "year", "serial", "kind", "channel", "sender", "received_on",
               "about", "assigned_to_id", "status", "outcome", "closed_on", "recorded_by"),
    "needs_assessment": ("household_id", "act_number", "made_on", "valid_until", "at_home", "living_conditions",
                         "recorded_by"),
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


class Families:
    """Makes the rows of some neighbouring families; the same numbers make the same families, but for their keys."""

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed
        self._surnames = surnames(random.Random(seed))
        self._chance = random.Random(seed)

    def rows(self, first: int, beyond: int) -> Rows:
        self._chance = random.Random(f"{self.seed} {first}")
        rows: Rows = {table: [] for table in COLUMNS}
        for number in range(first, beyond):
            self._family(number, rows)
        return rows

    def _surname(self) -> str:
        """Zipf's habit: a third of the people bear one of the hundred common names."""
        known = self._surnames
        return known[min(int(len(known) ** self._chance.random() ** 0.6) - 1, len(known) - 1)]

    def _shut(self, text: str, purpose: str) -> bytes:
        return seal(self._cipher, self._number, text, purpose)

    def _family(self, number: int, rows: Rows) -> None:
        chance = self._chance
        key = os.urandom(KEY_BYTES)
        self._number, self._cipher = number, AESGCM(key)
        site = 1 if number % 10 else 2
        settlement, code = chance.choices(PLACES, (50, 12, 10, 10, 8, 5, 5))[0]
        registered = TODAY - timedelta(days=chance.randrange(30, 1500))
        displaced = TODAY - timedelta(days=chance.randrange(5, 280)) if chance.random() < 0.25 else None
        phone = f"+38067{number:07}" if chance.random() < 0.8 else None
        address = f"вул. Садова, {chance.randrange(1, 200)}, кв. {chance.randrange(1, 120)}"
        rows["household"].append((
            number, registration_number(SITES[site - 1][1], registered.year, number), site, settlement,
            code if chance.random() < 0.9 else None, self._shut(address, "household.address"),
            self._shut(phone, "household.phone") if phone else None, identifiers.phone_hash(phone),
            displaced, registered, 1, NOW, "bench",
        ))  # fmt: skip
        rows["household_key"].append((number, current_vault().wrap(key, number)))
        if chance.random() < 0.1:
            named = self._shut(f"Сусід {self._surname()}", "household.proxy")
            rows["collector"].append((number, named, registered, NOW, "bench"))
        size = chance.choices((1, 2, 3, 4, 5, 6, 7), (18, 24, 24, 18, 9, 5, 2))[0]
        surname = self._surname()
        for place in range(size):
            self._person(number, place, size, surname, registered, displaced, rows)
        owned = [kind for kind, share in HOUSEHOLD_KINDS if chance.random() < share]
        owned += ["large_family"] if size >= 5 and chance.random() < 0.8 else []
        for kind in owned:
            rows["category"].append(self._category(number, None, kind, registered))
        self._case(number, site, rows)
        if chance.random() < 0.33:
            given = TODAY - timedelta(days=chance.randrange(1, 90))
            rows["handout"].append((
                number, f"h{number}", b"0" * 32, "regular", number, 1, number, ROUND, number, POINT, site, number,
                "head", given, NOW, "bench",
            ))  # fmt: skip

    def _case(self, number: int, site: int, rows: Rows) -> None:
        """An appeal, one in twelve of them open; the act; the decision."""
        chance = self._chance
        received = TODAY - timedelta(days=chance.randrange(1, 700))
        is_open = chance.random() < 0.08
        rows["intake"].append((
            site, number, f"{number}/{received.year % 100}", received.year, number, "appeal", "in_person", "family", received,
            self._shut("Просить про допомогу", "intake.about"),
            chance.randrange(1, CASEWORKERS + 1) if chance.random() < 0.9 else None,
            *(("open", None, None) if is_open else ("closed", "advised", received + timedelta(days=20))), "bench",
        ))  # fmt: skip
        if chance.random() < 0.6:
            made = TODAY - timedelta(days=chance.randrange(1, 700))
            rows["needs_assessment"].append(
                (
                    number,
                    f"А-{number}",
                    made,
                    made + timedelta(days=365),
                    chance.random() < 0.4,
                    False,
                    "bench",
                )
            )
        if chance.random() < 0.2:
            on = TODAY - timedelta(days=chance.randrange(1, 300))
            until = on + timedelta(days=365) if chance.random() < 0.7 else None
            rows["eligibility_decision"].append(
                (number, "council", f"{number}/22", on, on, until, chance.choice((None, PROGRAMME)), "bench")
            )

    def _person(
        self, household: int, place: int, size: int, surname: str, registered: date, displaced: date | None, rows: Rows
    ) -> None:  # fmt: skip
        chance = self._chance
        person = MOST_MEMBERS * household + place
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
        document = f"паспорт АН {person:06}" if years > 13 and chance.random() < 0.7 else None
        tax = f"{person:010}" if years > 13 and chance.random() < 0.6 else None
        rows["person"].append((
            person, household, place == 0, self._shut(columns["surname"], "person.surname"),
            self._shut(given, "person.given_name"), self._shut(columns["patronymic"], "person.patronymic"),
            columns["sex"], columns["birth_date"],
            self._shut(document, "person.document") if document else None, identifiers.document_hash(document),
            identifiers.tax_id_hash(tax), registered, None if chance.random() < 0.97 else TODAY,
        ))  # fmt: skip
        rows["name_token"] += [(token, person) for token in search_index.tokens_of(columns)]
        owned = [kind for kind, share in PERSON_KINDS if chance.random() < share]
        owned += ["idp"] if displaced is not None and chance.random() < 0.95 else []
        owned += ["older_person"] if years >= 60 and chance.random() < 0.8 else []
        for kind in owned:
            rows["category"].append(self._category(household, person, kind, registered))
        if chance.random() < 0.01:
            kind = chance.choice(("gbv_survivor", "ex_prisoner", "serious_illness"))
            rows["protected_category"].append((
                household, person, self._shut(kind, "protected.kind"), None, registered, None, "bench",
            ))  # fmt: skip

    def _category(self, household: int, person: int | None, kind: str, since: date) -> tuple[Any, ...]:
        chance = self._chance
        proven = chance.random() < 0.7
        paper = self._shut(f"посвідчення № {household}", "category.evidence") if proven else None
        until = TODAY + timedelta(days=chance.randrange(-60, 700)) if chance.random() < 0.4 else None
        since = min(since, until) if until else since
        return (household, person, kind, paper, proven, since, until, "bench")


def portions(households: int) -> Iterator[Rows]:
    """All families' rows; many are made by two processes, a few portions ahead of whoever writes them."""
    spans = deque((first, min(first + SOME, households + 1)) for first in range(1, households + 1, SOME))
    if len(spans) == 1:
        yield Families().rows(*spans[0])
        return
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        ahead: deque[Future[Rows]] = deque()
        while spans or ahead:
            while spans and len(ahead) < 4:
                ahead.append(pool.submit(_rows, *spans.popleft()))
            yield ahead.popleft().result()


def _rows(first: int, beyond: int) -> Rows:
    _use_our_key()
    return Families().rows(first, beyond)


def _foundations() -> Iterator[tuple[str, dict[str, Any]]]:
    names = {"name_uk": "Назва", "name_en": "Name"}
    for number in range(1, CASEWORKERS + 1):
        yield "user_account", {
            "id": number, "login": f"worker-{number}", "display_name": f"Соцпрацівник {number}", "role": "caseworker",
            "password_hash": "-", "language": "uk", "must_change_password": False, "created_at": NOW,
        }  # fmt: skip
        yield "user_site", {"user_id": number, "site_id": SITES[0][0]}
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
        "id": CYCLE, "programme_id": PROGRAMME, "code": "C1", **names, "starts_on": TODAY - MONTHS,
        "ends_on": TODAY + MONTHS,
    }  # fmt: skip
    yield "round", {
        "id": ROUND, "cycle_id": CYCLE, "place_id": POINT, "code": "R1", "token_id": 7, "first_day": TODAY - MONTHS,
        "last_day": TODAY + MONTHS, "state": "open", "print_head_name": False, "created_at": NOW,
        "created_by": "bench",
    }  # fmt: skip
    for kind in KINDS:
        yield "category_kind", {
            "code": kind.code, "name_uk": kind.name_uk, "name_en": kind.name_en, "of_household": kind.of_household,
            "protected": kind.protected,
        }  # fmt: skip


def fill(url: str, households: int = HOUSEHOLDS) -> None:
    """Make an empty database at that URL hold so many families.

    Encrypted and hashed with the key of `tests.support.product`, so that its server can be run on it.
    """
    _use_our_key()
    with _writing(url) as write:
        for rows in portions(households):
            write(rows)


def _use_our_key() -> None:
    from tests.support.product import environment

    use_vault(Vault(load(environment("sqlite://", Path("/tmp"))).data_key))


@contextmanager
def _writing(url: str) -> Iterator[Write]:
    """A function that writes rows into an empty database, which is looked through once all are there."""
    upgrade(url)
    engine = create_engine(url, **engine_options(url))
    configure(engine)
    try:
        fills = _sqlite if engine.dialect.name == "sqlite" else _postgres
        with engine.connect() as held, fills(held) as write:
            yield write
    finally:
        engine.dispose()


def _plain(value: Any) -> Any:
    """As SQLite's dialect writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, dict) else value


@contextmanager
def _sqlite(held: Connection) -> Iterator[Write]:
    connection: Any = held.connection.driver_connection
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-262144", "temp_store=FILE"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TEMP TABLE heap (token BLOB, person_id INTEGER)")
    connection.execute("BEGIN IMMEDIATE")
    for table, row in _foundations():
        connection.execute(_insert(table, list(row)), [_plain(value) for value in row.values()])

    def write(rows: Rows) -> None:
        for table, found in rows.items():
            if table == "name_token":
                connection.executemany(_insert("heap", COLUMNS[table]), found)
            else:
                connection.executemany(
                    _insert(table, COLUMNS[table]), [tuple(map(_plain, row)) for row in found]
                )

    yield write
    # in the order of the index: at random it is written ten times over
    connection.execute(
        "INSERT INTO name_token (token, person_id) SELECT token, person_id FROM heap ORDER BY 1, 2"
    )
    connection.execute("COMMIT")
    connection.execute("ANALYZE")


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


@contextmanager
def _postgres(held: Connection) -> Iterator[Write]:
    held.exec_driver_sql("SET session_replication_role = replica")
    held.exec_driver_sql("ALTER TABLE name_token DROP CONSTRAINT pk_name_token")
    held.exec_driver_sql("DROP INDEX ix_name_token_person_id")
    cursor: Any = held.connection.cursor()
    for table, row in _foundations():
        marks = ", ".join(["%s"] * len(row))
        values = [Jsonb(value) if isinstance(value, dict) else value for value in row.values()]
        cursor.execute(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({marks})', values)

    def write(rows: Rows) -> None:
        for table, found in rows.items():
            with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                if table == "name_token":  # thirty of them a family: spelt here in one go
                    copy.write("".join(f"\\\\x{token.hex()}\t{person}\n" for token, person in found))
                    continue
                for one in found:
                    copy.write_row(one)

    yield write
    held.exec_driver_sql("ALTER TABLE name_token ADD CONSTRAINT pk_name_token PRIMARY KEY (token, person_id)")
    held.exec_driver_sql("CREATE INDEX ix_name_token_person_id ON name_token (person_id)")
    numbered = {table for table, row in _foundations() if "id" in row} | (COLUMNS.keys() - WITHOUT_NUMBER)
    for table in sorted(numbered - {"centre"}):
        held.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), "
            f'GREATEST((SELECT max(id) FROM "{table}"), 1))'
        )
    held.commit()
    cursor.connection.autocommit = True
    cursor.execute("VACUUM ANALYZE")
    cursor.connection.autocommit = False


# --- kept copies ------------------------------------------------------------------------------------


def _kept(households: int) -> Path:
    """Where filled databases wait: another folder for other rows, another schema or other look-ups of names."""
    told = hashlib.sha256()
    here = Path(__file__)
    look_ups = (
        here.parents[1] / "aidtrack" / "beneficiaries" / f"{name}.py"
        for name in ("search_index", "matching", "sounds", "likeness", "identifiers")
    )
    for file in (here, *look_ups, *sorted(bundled("migrations").glob("versions/*.py"))):
        told.update(file.read_bytes())
    return Path(tempfile.gettempdir(), f"register-{households}-{told.hexdigest()[:10]}")


@contextmanager
def register(kind: str, households: int = HOUSEHOLDS) -> Iterator[tuple[str, Path]]:
    """A fresh filled database (`sqlite` or `postgresql`) at the newest revision: its URL and an instance folder."""
    from tests.support.postgres import running_server

    kept = _kept(households)
    if not kept.exists():
        _fill_both(kept, households)
    _use_our_key()
    with tempfile.TemporaryDirectory(prefix="aidregister-") as folder:
        if kind == "sqlite":
            shutil.copyfile(kept / "sqlite", Path(folder, "register.sqlite3"))
            yield f"sqlite:///{folder}/register.sqlite3", Path(folder)
            return
        with running_server(durable=True, copy_of=kept / "postgresql") as url:
            yield url, Path(folder)


def _fill_both(kept: Path, households: int) -> None:
    """Rows are made once and written into both databases."""
    from tests.support.postgres import running_server

    print(f"making a register of {households} families in {kept} …", file=sys.stderr, flush=True)
    for older in kept.parent.glob(f"register-{households}-*"):
        shutil.rmtree(older, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix="register-making-"))
    making.chmod(0o755)  # PostgreSQL may run as somebody else
    _use_our_key()
    try:
        with (
            running_server(durable=True, keep=making / "postgresql", settings=FILLING) as url,
            ExitStack() as both,
        ):
            writers = [both.enter_context(_writing(one)) for one in (f"sqlite:///{making}/sqlite", url)]
            for rows in portions(households):
                for write in writers:
                    write(rows)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    with sqlite3.connect(making / "sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    making.rename(kept)


if __name__ == "__main__":
    began = time.perf_counter()
    fill(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else HOUSEHOLDS)
    print(f"{make_url(sys.argv[1]).get_backend_name()}: {time.perf_counter() - began:.0f} s")
