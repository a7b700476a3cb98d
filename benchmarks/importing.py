"""A register of 50 000 families comes in: dry run and bringing in, by the runs the server's background does.

    python -m benchmarks importing

The file has 100 000 rows (two persons a family, the most that is taken) with phones, documents and an address.
Memory is the peak of a process of its own that has the whole application in it.
"""

import io
import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FAMILIES = 50_000
SEED = 11
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
                    f"АН {number * 2 + place:06}" if place == 0 else "",
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


def measure(url: str, folder: Path, kind: str, families: int = FAMILIES) -> dict[str, Any]:
    """In a process of its own, so that its memory is its own."""
    from aidtrack.db import upgrade

    upgrade(url)
    file = folder / f"register.{kind}"
    if not file.exists():
        file.write_bytes(csv_file(families) if kind == "csv" else xlsx_file(families))
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", url, str(folder), str(file)],
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


def once(url: str, folder: Path, file: Path) -> dict[str, Any]:
    from uuid import uuid4

    from aidtrack.app import create_app
    from aidtrack.beneficiaries.services import seed_category_kinds
    from aidtrack.config import Config
    from aidtrack.db import db, read_session, unit_of_work
    from aidtrack.importing import pages, queries, runs, services
    from aidtrack.importing.commands import MapColumns, Mode, Upload
    from aidtrack.importing.reading import Choice
    from aidtrack.kernel.actor import system_actor
    from aidtrack.kernel.clock import utc_now
    from tests.support.people import add_site

    config = Config(
        database_url=url, secret_key="for measuring only", data_key=b"for measuring only, nowhere else",
        production=False, instance=folder / "instance", testing=True,
    )  # fmt: skip
    app = create_app(config)
    with app.app_context():
        with unit_of_work() as session:
            seed_category_kinds(session)
            site_id = add_site(session, "DN")
        actor, now = system_actor("benchmark", site_ids=frozenset({site_id})), utc_now()
        memory_before = peak_mb()
        with unit_of_work() as session:
            command = Upload(uuid4(), site_id, "families", file.name, file.read_bytes())
            uid = services.upload(session, command, actor=actor, now=now)
        found = queries.find(read_session(), uid, actor)
        shown = pages.preview(read_session(), found, Choice())
        said = MapColumns(
            uid, shown.mapping, {}, {}, Choice(), shown.shape.header_row, shown.shape.header_rows
        )
        with unit_of_work() as session:
            services.save_mapping(session, said, shown.shape, actor=actor, now=now)
        began = time.perf_counter()
        counts = runs.try_out(uid, actor=actor, now=now)
        tried, began = time.perf_counter() - began, time.perf_counter()
        memory_tried = peak_mb()
        done = runs.bring_in(uid, Mode.GOOD, actor=actor, now=now)
        brought = time.perf_counter() - began
        db.session.remove()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "new": counts["new"], "double": counts["double"], "bad": counts["bad"], "made": done["made"],
        "dry_run_s": round(tried, 1), "bring_in_s": round(brought, 1), "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": peak_mb(), "peak_mb_after_dry_run": memory_tried, "mb_before": memory_before,
    }  # fmt: skip


def run() -> dict[str, Any]:
    from benchmarks.handouts import databases

    found: dict[str, Any] = {}
    for kind in ("csv", "xlsx"):
        with databases() as both:
            found |= {f"{name}, {kind}": measure(url, folder, kind) for name, (url, folder) in both.items()}
    return found


def main() -> None:
    if len(sys.argv) == 4:
        print(json.dumps(once(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    with TemporaryDirectory() as folder:  # a smaller one, to look at: families, kind of file
        families, kind = int(sys.argv[1]), sys.argv[2]
        url = f"sqlite:///{folder}/try.sqlite3"
        print(json.dumps(measure(url, Path(folder), kind, families), indent=1))


if __name__ == "__main__":
    main()
