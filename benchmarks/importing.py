"""A register of 50 000 families comes into one of 100 000: dry run and bringing in, as the server's background does.

    python -m benchmarks importing
    python -m benchmarks.importing 5000 csv        a smaller file into an empty database, to look at

The file has 100 000 rows (two persons a family, the most that is taken) with phones, documents and an address, half as
many as the registry it is compared with. Memory is the peak of a process of its own with the whole application in it.
"""

import gc
import io
import json
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FAMILIES = 50_000
SEED = 11
SITE = "DN"
HEADS = ("№ сім'ї", "Прізвище", "Ім'я", "По батькові", "Стать", "Дата народження", "Населений пункт", "Адреса",
         "Телефон", "Документ", "Категорія")  # fmt: skip


def rows(families: int) -> list[tuple[str, ...]]:
    """Two persons of each family; nobody in it exists."""
    from aidtrack.demo.names import MEN, WOMEN
    from benchmarks.register import surnames

    chance = random.Random(SEED)
    known = surnames(chance)
    made: list[tuple[str, ...]] = []
    for number in range(families):
        surname = chance.choice(known)
        settlement = chance.choice(("Дніпро", "Підгородне", "Новоолександрівка"))
        for place in range(2):
            given, patronymic = (
                (chance.choice(WOMEN), "Іванівна") if place == 0 else (chance.choice(MEN)[0], "Петрович")
            )
            born = f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(1935, 2021)}"
            made.append(
                (
                    str(number), surname, given, patronymic, "ж" if place == 0 else "ч", born,
                    settlement,
                    f"вул. Вигадана, {number % 900}" if place == 0 else "",
                    f"067 {2_000_000 + number}" if place == 0 else "",
                    f"КС {number * 2 + place:06}" if place == 0 else "",
                    "ВПО" if number % 4 == 0 else "",
                )
            )  # fmt: skip
    return made


def csv_file(families: int) -> bytes:
    lines = [";".join(HEADS), *(";".join(row) for row in rows(families))]
    return "\r\n".join(lines).encode("cp1251")


def xlsx_file(families: int) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate((HEADS, *rows(families))):
        sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


def measure(
    url: str, folder: Path, kind: str, families: int = FAMILIES, *, dry: bool = False
) -> dict[str, Any]:
    """In a process of its own, so that its memory is its own."""
    file = folder / f"register.{kind}"
    file.write_bytes(csv_file(families) if kind == "csv" else xlsx_file(families))
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", url, str(folder), str(file), "dry" if dry else "whole"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(ran.stderr[-2000:])
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def peak_mb() -> int:
    """Of this process alone; `ru_maxrss` would begin with what its parent had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def once(url: str, folder: Path, file: Path, *, dry: bool) -> dict[str, Any]:
    from uuid import uuid4

    from aidtrack.accounts.queries import site_ids_by_code
    from aidtrack.app import create_app
    from aidtrack.config import load
    from aidtrack.db import db, read_session, unit_of_work
    from aidtrack.importing import pages, queries, runs, services
    from aidtrack.importing.commands import MapColumns, Mode, Upload
    from aidtrack.importing.reading import Choice
    from aidtrack.kernel.actor import system_actor
    from aidtrack.kernel.clock import utc_now
    from benchmarks.meter import Meter, quietly
    from tests.support.product import environment

    app = create_app(load(environment(url, folder)))
    gc.freeze()  # as the server does at its start
    with app.app_context():
        [site_id] = site_ids_by_code(read_session(), [SITE])
        actor, now = system_actor("benchmark", site_ids=frozenset({site_id})), utc_now()
        found: dict[str, Any] = {"mb_before": peak_mb()}
        with unit_of_work() as session:
            command = Upload(uuid4(), site_id, "families", file.name, file.read_bytes())
            uid = services.upload(session, command, actor=actor, now=now)
        uploaded = queries.find(read_session(), uid, actor)
        shown = pages.preview(read_session(), uploaded, Choice())
        said = MapColumns(
            uid, shown.mapping, {}, {}, Choice(), shown.shape.header_row, shown.shape.header_rows
        )
        with unit_of_work() as session:
            services.save_mapping(session, said, shown.shape, actor=actor, now=now)
        quietly()
        meter = Meter(url)
        with meter.measuring():
            counts = runs.try_out(uid, actor=actor, now=now)
        found |= {name: counts[name] for name in ("records", "new", "double", "bad")}
        found |= {f"dry_run_{name}": value for name, value in meter.of_one().items()}
        found["peak_mb_after_dry_run"] = peak_mb()
        if not dry:
            with meter.measuring():
                done = runs.bring_in(uid, Mode.GOOD, actor=actor, now=now)
            found["made"] = done["made"]
            found |= {f"bring_in_{name}": value for name, value in meter.of_one().items()}
        found["peak_mb"] = peak_mb()
        db.session.remove()
        db.engine.dispose()
    return found


def run() -> dict[str, Any]:
    """A workbook, the slower one to read, into both databases; the same as CSV tried out on one."""
    from benchmarks.register import HOUSEHOLDS, register

    found: dict[str, Any] = {"families_before": HOUSEHOLDS}
    for kind in ("sqlite", "postgresql"):
        with register(kind) as (url, folder):
            if kind == "sqlite":
                found["sqlite, csv, dry run alone"] = measure(url, folder, "csv", dry=True)
            found[f"{kind}, xlsx"] = measure(url, folder, "xlsx")
    return found


def into_an_empty_one(families: int, kind: str) -> dict[str, Any]:
    from aidtrack.app import create_app
    from aidtrack.beneficiaries.services import seed_category_kinds
    from aidtrack.config import load
    from aidtrack.db import unit_of_work, upgrade
    from tests.support.people import add_site
    from tests.support.product import environment

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/try.sqlite3"
        upgrade(url)
        with create_app(load(environment(url, Path(folder)))).app_context(), unit_of_work() as session:
            seed_category_kinds(session)
            add_site(session, SITE)
        return measure(url, Path(folder), kind, families)


def main() -> None:
    if len(sys.argv) == 5:
        url, folder, file, how = sys.argv[1:]
        print(json.dumps(once(url, Path(folder), Path(file), dry=how == "dry")))
    else:
        print(json.dumps(into_an_empty_one(int(sys.argv[1]), sys.argv[2]), indent=1))


if __name__ == "__main__":
    main()
