"""The two long acts: trying a file out, and bringing it in. Adapters: they open their own units of work."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.importing import queries, storage
from aidtrack.importing.commands import Mode
from aidtrack.importing.errors import NotCheckedYet, RowsAreBad
from aidtrack.importing.layouts import Applied, Finding, Record, Verdict
from aidtrack.importing.models import ImportFile, ImportState
from aidtrack.importing.opening import Opened, Progress, open_again, portions, quiet
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.collecting import no_collecting
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass

MOST_DIFFERENCES = 2000
MOST_VALUES = 25  # of so many records the registry's own values are shown: what one page has
UNSEEN = "…"
MOST_UNKNOWN = 500
LETTERS = {"new": "n", "same": "s", "changed": "c", "double": "d", "repeat": "r", "bad": "b"}
TAKE_CHANGES = "take_changes"
APPLY_PORTION = 500  # a unit of work: on SQLite the counter waits for no more than this


# -- the dry run ----------------------------------------------------------------------------------------


def try_out(uid: str, *, actor: Actor, now: datetime, progress: Progress = quiet) -> dict[str, Any]:
    """Judge every row and change nothing but what is remembered of this upload. Gives the counts."""
    began = time.monotonic()
    with unit_of_work() as session:
        queries.find(session, uid, actor, lock=True).state = ImportState.CHECKING
    opened = open_again(uid, actor, now, progress)
    total = len(opened.groups)
    outcomes: list[str] = []
    findings: list[Finding] = []
    shown: list[dict[str, Any]] = []
    parts = 0
    for portion in portions(opened):
        records = [record for record, _found in portion]
        parts += sum(len(record.parts) for record in records)
        with no_collecting():
            verdicts = _judge(read_session(), opened, portion)
        db.session.remove()  # no snapshot is held from one portion to the next
        for verdict in verdicts:
            outcomes.append(LETTERS[verdict.outcome])
            findings += verdict.findings
            if verdict.outcome in ("changed", "double") and len(shown) < MOST_DIFFERENCES:
                shown.append(_shown(verdict))
        progress("checking", len(outcomes), total)
    findings += opened.table.findings
    unknown = sorted(opened.table.unknown.values(), key=lambda one: (one.list_name, -one.times))[
        :MOST_UNKNOWN
    ]
    by = Counter(outcomes)
    counts = {
        **{name: by[letter] for name, letter in LETTERS.items()},
        "rows": len(opened.table.rows),
        "records": total,
        "parts": parts,
        "repeats": opened.table.repeats,
        "loose": sum(1 for one in opened.table.findings if one.kind == "bad"),
        "unknown": len(unknown),
        "mended": opened.table.mended,
        "findings": len(findings),
        "basis": opened.basis,
        "seconds": round(time.monotonic() - began, 1),
    }
    findings.sort(key=lambda one: (one.row, one.column))
    _hide(opened, shown)
    storage.put_result(
        opened.key,
        {
            "outcomes": "".join(outcomes),
            "findings": [_packed(one) for one in findings],
            "shown": shown,
            "unknown": [asdict(one) for one in unknown],
        },
    )
    with unit_of_work() as session:
        found = queries.find(session, uid, actor, lock=True)
        found.state, found.counts = ImportState.CHECKED, counts
        audit.record(
            session, actor=actor, action="importing.try_out", now=now, object_type="import_file",
            object_id=found.id, site_id=found.site_id,
            facts={name: counts[name] for name in ("rows", "records", "new", "same", "changed", "double", "bad")},
        )  # fmt: skip
    return counts


def _judge(
    session: Session, opened: Opened, portion: Sequence[tuple[Record, list[Finding]]]
) -> list[Verdict]:
    """Verdicts in the order of the records; a record with a bad cell is not put before the layout."""
    sound = [record for record, found in portion if not any(one.kind == "bad" for one in found)]
    judged = {one.record: one for one in opened.kind.check(session, opened.context, sound)} if sound else {}
    verdicts: list[Verdict] = []
    for record, found in portion:
        verdict = judged.get(record.number) or Verdict(record.number, record.rows, "bad")
        for one in verdict.findings:
            one.record = record.number
        verdict.findings = found + verdict.findings
        if verdict.outcome in ("new", "changed", "same") and any(
            one.kind == "bad" for one in verdict.findings
        ):
            verdict.outcome = "bad"
        verdicts.append(verdict)
    return verdicts


def _packed(one: Finding) -> list[Any]:
    return [one.row, one.column, one.field, one.code, one.text, one.facts, one.kind, one.record]


def unpacked(packed: Sequence[Any]) -> Finding:
    return Finding(*packed)


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {
        "rows": list(verdict.rows[:5]),
        "outcome": verdict.outcome,
        "known": verdict.known,
        "url": verdict.known_url,
        "differences": [[one.field, one.before, one.after] for one in verdict.differences],
    }


def _hide(opened: Opened, shown: list[dict[str, Any]]) -> None:
    """A register of guesses must not open the registry: what is shown of it is read like any other page."""
    if opened.kind.reads is None:
        return
    seen = [one["url"][1] for one in shown[:MOST_VALUES] if one["differences"] and one["url"]]
    allowed = True
    if seen:
        with unit_of_work() as session:
            allowed = opened.kind.reads(session, opened.context, seen)
    for one in shown[MOST_VALUES:] if allowed else shown:
        one["differences"] = [
            [name, UNSEEN if before else "", after] for name, before, after in one["differences"]
        ]


# -- bringing in ----------------------------------------------------------------------------------------


def bring_in(
    uid: str, mode: Mode, *, actor: Actor, now: datetime, progress: Progress = quiet
) -> dict[str, Any]:
    """Do what the dry run found: the new records, and the changed ones where that was chosen.

    `ALL` is one transaction; `GOOD` one for each portion, and a record refused meanwhile is held back alone.

    Raises:
        NotCheckedYet: the file, its mapping or the meaning of a word changed since the dry run.
        RowsAreBad: with `ALL`, when a row is bad.
    """
    began = time.monotonic()
    opened = open_again(uid, actor, now, progress)
    session = read_session()
    counts = dict(queries.find(session, uid, actor).counts or {})
    db.session.remove()
    if counts.get("basis") != opened.basis:
        raise NotCheckedYet
    held = counts["bad"] + counts["double"] + counts.get("loose", 0)
    if mode is Mode.ALL and held:
        raise RowsAreBad(bad=held)
    result = storage.get_result(opened.key)
    letters = "nc" if opened.context.options.get(TAKE_CHANGES) else "n"
    wanted = [number for number, letter in enumerate(result["outcomes"]) if letter in letters]
    opened.context.state["applying"] = True
    made = _Made(total=len(wanted), progress=progress)
    with unit_of_work() as session:
        queries.find(session, uid, actor, lock=True).state = ImportState.APPLYING
    if mode is Mode.ALL:
        try:
            _all_or_nothing(opened, wanted, made)
        except RowsAreBad:
            _tell_why(uid, actor, opened, counts, result, made.refused)
            raise
    else:
        for portion in portions(opened, wanted, APPLY_PORTION):
            _good_ones(opened, portion, made, unit_of_work)
    done = {
        **counts, "made": made.made, "changed_done": made.changed, "already": made.already,
        "held_back": held + made.refused_records, "apply_seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    _keep_refused(opened, result, made.refused)
    with unit_of_work() as session:
        found: ImportFile = queries.find(session, uid, actor, lock=True)
        found.state, found.counts = ImportState.APPLIED, done
        audit.record(
            session, actor=actor, action="importing.bring_in", now=now, object_type="import_file",
            object_id=found.id, site_id=found.site_id,
            facts={name: done[name] for name in ("made", "changed_done", "already", "held_back")} | {"mode": mode},
        )  # fmt: skip
    return done


def _all_or_nothing(opened: Opened, wanted: Sequence[int], made: "_Made") -> None:
    """Raises RowsAreBad after every row was tried, so that all that is wrong is told at once."""
    with unit_of_work() as session:

        @contextmanager
        def within() -> Iterator[Session]:
            with session.begin_nested():
                yield session

        for portion in portions(opened, wanted):
            _good_ones(opened, portion, made, within)
        if made.refused:
            raise RowsAreBad(bad=made.refused_records)


def _tell_why(
    uid: str,
    actor: Actor,
    opened: Opened,
    counts: dict[str, Any],
    result: dict[str, Any],
    refused: list[Finding],
) -> None:
    """Nothing was brought in; what changed since the dry run stands among what is wrong, by row and column."""
    _keep_refused(opened, result, refused)
    by = Counter(result["outcomes"])
    with unit_of_work() as session:
        found = queries.find(session, uid, actor, lock=True)
        found.state = ImportState.CHECKED
        found.counts = counts | {name: by[letter] for name, letter in LETTERS.items()}


def _keep_refused(opened: Opened, result: dict[str, Any], refused: list[Finding]) -> None:
    if not refused:
        return
    result["findings"] = sorted(
        [*result["findings"], *map(_packed, refused)], key=lambda one: (one[0], one[1])
    )
    letters = list(result["outcomes"])
    for one in refused:
        letters[one.record] = LETTERS["bad"]
    result["outcomes"] = "".join(letters)
    storage.put_result(opened.key, result)


@dataclass(slots=True)
class _Made:
    """What was done so far."""

    total: int
    progress: Progress
    made: int = 0
    changed: int = 0
    already: int = 0
    done: int = 0
    refused: list[Finding] = field(default_factory=list)

    @property
    def refused_records(self) -> int:
        return len({one.record for one in self.refused})

    def add(self, applied: Applied, records: int) -> None:
        self.made += len(applied.made)
        self.changed += applied.changed
        self.already += applied.already
        self.done += records
        self.progress("bringing_in", self.done, self.total)


def _good_ones(
    opened: Opened,
    portion: Sequence[tuple[Record, list[Finding]]],
    made: _Made,
    scope: Callable[[], AbstractContextManager[Session]],
) -> None:
    try:
        with no_collecting(), scope() as session:
            verdicts = _judge(session, opened, portion)
            refused: list[Finding] = []
            sound = [one for one in verdicts if one.outcome in ("new", "changed", "same")]
            if len(sound) < len(verdicts):
                refused = [one for verdict in verdicts if verdict not in sound for one in verdict.findings]
            applied = opened.kind.apply(session, opened.context, sound)
    except DomainError as error:
        if len(portion) == 1:  # somebody entered the same meanwhile, or the registry refuses it for once
            record = portion[0][0]
            name = (error.field or "").split("#")[0]
            finding = Finding.of(error, record.cell_of(error.field or ""), name)
            finding.record = record.number
            made.refused.append(finding)
            made.add(Applied(), 1)
            return
        half = len(portion) // 2
        _good_ones(opened, portion[:half], made, scope)
        _good_ones(opened, portion[half:], made, scope)
        return
    made.refused += refused
    made.add(applied, len(portion))
