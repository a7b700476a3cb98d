"""Receipts and opening stock as tables: a document's lines become one receipt with its lots."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.audit.models import CommandReceipt
from aidtrack.db.vault import current_vault
from aidtrack.importing.errors import MeaningGone, TextTooLong
from aidtrack.importing.layouts import (
    Applied,
    Context,
    Finding,
    Layout,
    Record,
    Verdict,
    Words,
)
from aidtrack.inventory import services
from aidtrack.inventory.commands import ReceivedLine, ReceiveDonation
from aidtrack.inventory.errors import DateAhead, EarmarkNeedsProgramme, ExpiredOnArrival
from aidtrack.inventory.imports.columns import CONDITIONS, HEAD, LINES, OPTIONS
from aidtrack.inventory.imports.errors import NoLines, ReceiptKnown, UnusualLine
from aidtrack.inventory.kinds import LotCondition
from aidtrack.inventory.models import Donation
from aidtrack.inventory.queries import catalogue, lookup, usual_units
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.inventory.services.receiving import RECEIVE
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import N_, DomainError
from aidtrack.kernel.quantity import is_unusual, read_quantity

OPENING_NOTE = "Залишок на початок"


# -- words ----------------------------------------------------------------------------------------------


def words(session: Session, context: Context) -> Mapping[str, Words]:
    def of(rows: Sequence[Any]) -> Words:
        spellings: dict[str, str] = {}
        twice: set[str] = set()
        for row in rows:
            for name in {
                row.code,
                row.code.casefold(),
                row.name_uk,
                row.name_en,
                row.name_uk.casefold(),
                row.name_en.casefold(),
            }:
                if spellings.setdefault(name, row.code) != row.code:
                    twice.add(name)  # two are called so: a person says which
        for name in twice:
            del spellings[name]
        shown = tuple((row.code, f"{row.name(context.actor.language)} ({row.code})") for row in rows)
        return Words(shown, spellings, optional=False)

    places = [
        one
        for one in catalogue.places(session, context.actor)
        if one.active and one.site_id == context.site_id
    ]
    conditions = Words(tuple((one.value, one.label) for one in LotCondition), CONDITIONS)
    return {
        "item": of([one for one in catalogue.items(session) if one.active]),
        "donor": of([one for one in catalogue.donors(session) if one.active]),
        "programme": of([one for one in catalogue.programmes(session) if one.active]),
        "place": of(places),
        "condition": conditions,
    }


# -- judging --------------------------------------------------------------------------------------------


class _Ids:
    """Rows by code, looked up once for a portion."""

    def __init__(self, session: Session, context: Context) -> None:
        self.items: dict[str, ItemRow] = {one.code: one for one in catalogue.items(session)}
        self.donors = {one.code: one.id for one in catalogue.donors(session)}
        self.programmes = {one.code: one.id for one in catalogue.programmes(session)}
        self.places = {one.code: one.id for one in catalogue.places(session, context.actor)}

    def of(self, kind: str, values: Mapping[str, Any], name: str) -> int | None:
        """The row's id. Raises MeaningGone: it was renamed while the file was on its way in."""
        code = values.get(name)
        if code is None:
            return None
        found: int | None = getattr(self, kind).get(code)
        if found is None:
            raise MeaningGone(field=name)
        return found


def check(session: Session, context: Context, records: Sequence[Record]) -> list[Verdict]:
    ids = _Ids(session, context)
    if "before" not in context.state:
        context.state["before"] = session.scalar(select(func.max(Donation.id))) or 0
    before: int = context.state["before"]
    today = local_date(context.now, session.get_one(Site, context.site_id).time_zone)
    verdicts = [Verdict(record.number, record.rows, "new") for record in records]
    for verdict, record in zip(verdicts, records, strict=True):
        try:
            verdict.command = _command(session, context, record, ids, verdict, today)
        except DomainError as error:
            verdict.outcome = "bad"
            verdict.findings.append(
                Finding.of(error, record.cell_of(error.field or "donor"), (error.field or "").split("#")[0])
            )
    commands = [one.command for one in verdicts if one.command is not None]
    done = set(
        session.scalars(
            select(CommandReceipt.command_id).where(
                CommandReceipt.kind == RECEIVE,
                CommandReceipt.command_id.in_([one.command_id for one in commands]),
            )
        )
    )
    for verdict, record in zip(verdicts, records, strict=True):
        if verdict.command is None or verdict.outcome == "bad":
            continue
        if verdict.command.command_id in done:
            verdict.outcome = "same"
        elif not record.values.get("another"):
            _ask_about_known(session, verdict, record, before)
    return verdicts


def _ask_about_known(session: Session, verdict: Verdict, record: Record, before: int) -> None:
    command: ReceiveDonation = verdict.command
    query = select(Donation.id, Donation.number).where(
        Donation.donor_id == command.donor_id, Donation.place_id == command.place_id
    )
    if command.waybill:
        query = query.where(Donation.waybill == command.waybill)
    else:
        query = query.where(Donation.arrived_on == command.arrived_on, Donation.note == command.note)
    # two donations of one day in the same table are no question about each other
    query = query.where(Donation.id <= before)
    found = session.execute(query.order_by(Donation.id).limit(3)).all()
    if found:
        verdict.outcome, verdict.known = "double", found[0].number
        verdict.known_url = ("inventory.donation", {"donation_id": found[0].id})
        known = ", ".join(number for _id, number in found)
        verdict.findings.append(Finding.of(ReceiptKnown(known=known), record.cell_of("waybill"), "waybill"))


def _command(
    session: Session, context: Context, record: Record, ids: _Ids, verdict: Verdict, today: date
) -> ReceiveDonation | None:
    values = record.values
    if not record.parts:
        raise NoLines(field="item#0")
    arrived_on: date = values["arrived_on"]
    if arrived_on > today:
        raise DateAhead(field="arrived_on", day=arrived_on.isoformat())
    if values.get("earmarked") and not values.get("programme"):
        raise EarmarkNeedsProgramme(field="earmarked")
    given_by = {f"{name}_id": ids.of("donors", values, name) for name in ("donor", "back_donor", "channel")}
    donors = [one for one in given_by.values() if one is not None]
    agreement = (
        lookup.agreement_id(session, values["agreement"], donor_ids=donors)
        if values.get("agreement")
        else None
    )
    lines: list[ReceivedLine] = []
    for number, part in enumerate(record.parts):
        try:
            lines.append(_line(session, context, part, number, record, ids, verdict, arrived_on))
        except DomainError as error:
            field = error.field or ""
            error.field = f"{field}#{number}" if f"{field}#{number}" in record.cells else f"quantity#{number}"
            verdict.findings.append(Finding.of(error, record.cell_of(error.field), error.field.split("#")[0]))
    if len(lines) < len(record.parts):
        verdict.outcome = "bad"
        return None
    fields: dict[str, Any] = {
        "place_id": ids.of("places", values, "place"),
        "donor_id": given_by["donor_id"],
        "arrived_on": arrived_on,
        "lines": tuple(lines),
        "back_donor_id": given_by["back_donor_id"],
        "channel_id": given_by["channel_id"],
        "agreement_id": agreement,
        "programme_id": ids.of("programmes", values, "programme"),
        "earmarked": bool(values.get("earmarked")),
        "waybill": _short(values, "waybill", 60),
        "aid_code": _short(values, "aid_code", 60),
        "declaration_no": _short(values, "declaration_no", 60),
        "note": _short(values, "note", 500) or (OPENING_NOTE if context.state.get("opening") else None),
    }
    digest = current_vault().digest(
        repr((context.site_id, bool(values.get("another")), fields)), "import.receipts"
    )
    return ReceiveDonation(command_id=str(UUID(bytes=digest[:16], version=4)), **fields)


def _short(values: Mapping[str, Any], name: str, most: int) -> str | None:
    """Raises TextTooLong: nothing of a file is cut off unsaid."""
    text: str | None = values.get(name)
    if text and len(text) > most:
        raise TextTooLong(field=name, most=most)
    return text or None


def _line(
    session: Session,
    context: Context,
    part: Mapping[str, Any],
    number: int,
    record: Record,
    ids: _Ids,
    verdict: Verdict,
    arrived_on: date,
) -> ReceivedLine:
    item = ids.items.get(part["item"])
    if item is None:
        raise MeaningGone(field="item")

    def read(text: str) -> int:
        reading = read_quantity(
            text, item.base_unit, packs=item.packs_for(context.actor.language), locale=context.locale,
            density_g_per_l=item.density_g_per_l, default_unit=part.get("unit"),
        )  # fmt: skip
        usual: dict[int, int | None] = context.state.setdefault("usual", {})
        if item.id not in usual:
            usual[item.id] = usual_units(session, item.id)
        if is_unusual(reading.units, usual[item.id]):
            cell = record.cell_of(f"quantity#{number}")
            verdict.findings.append(
                Finding.of(UnusualLine(shown=reading.shown), cell, "quantity", kind="note")
            )
        return reading.units

    units = read(part["quantity"])
    announced = part.get("announced")
    expires_on: date | None = part.get("expires_on")
    if expires_on is not None and expires_on < arrived_on:
        raise ExpiredOnArrival(field="expires_on", expires_on=expires_on.isoformat())
    return ReceivedLine(
        item_id=item.id,
        units=units,
        as_typed=" ".join(one for one in (part["quantity"], part.get("unit")) if one)[:80],
        announced_units=read(announced) if announced else None,
        batch=_short(part, "batch", 60),
        expires_on=expires_on,
        condition=LotCondition(part.get("condition") or LotCondition.NEW),
    )


def apply(session: Session, context: Context, verdicts: Sequence[Verdict]) -> Applied:
    made = tuple(
        services.receive_donation(session, one.command, actor=context.actor, now=context.now)
        for one in verdicts
        if one.outcome == "new"
    )
    return Applied(made, 0, sum(one.outcome == "same" for one in verdicts))


def check_opening(session: Session, context: Context, records: Sequence[Record]) -> list[Verdict]:
    context.state["opening"] = True
    return check(session, context, records)


RECEIPTS = Layout(
    code="receipts",
    label=N_("Receipts of goods"),
    hint=N_(
        "One row for each line; rows with the same waybill, donor, place and day are one receipt. Or one row for "
        "each donation, delivery or month, with a column for each item."
    ),
    permission=Permission.STOCK_RECEIVE,
    fields=(*LINES, *HEAD),
    check=check,
    apply=apply,
    key=("waybill", "donor", "place", "arrived_on"),
    key_needed=False,
    one_record=True,
    number_of_document="waybill",
    options=OPTIONS,
    words=words,
    order=40,
    mend_with=("another",),
)
OPENING = Layout(
    code="opening",
    label=N_("Opening stock"),
    hint=N_("What stands on the shelves on the first day: item, quantity, place and who gave it."),
    permission=Permission.STOCK_RECEIVE,
    fields=(*LINES, *HEAD),
    check=check_opening,
    apply=apply,
    key=("donor", "agreement", "programme", "place", "arrived_on"),
    key_needed=False,
    one_record=True,
    options=OPTIONS,
    words=words,
    order=30,
    mend_with=("another",),
)
