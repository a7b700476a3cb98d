"""What `aidtrack verify` asks of handouts and of the kept sums."""

from collections.abc import Iterator

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import Handout, HandoutKind, HandoutLine
from aidtrack.inventory.models import StockLot, StockMove
from aidtrack.kernel.invariants import Breach
from aidtrack.reports import closing
from aidtrack.reports.days import kept_days, kept_donors, kept_flows
from aidtrack.reports.days import kept_people as kept_people_of_days
from aidtrack.reports.models import MonthMove, MonthReached
from aidtrack.reports.people import kept_people
from aidtrack.reports.periods import Period
from aidtrack.reports.reading import HANDED_OUT_ID, Goods, LotFlow, people_of


def lines_are_what_lots_gave(session: Session) -> Iterator[Breach]:
    """I6: every handout line equals what left its lots, so the donors' shares add up to it"""
    given = (
        select(StockMove.entry_id, StockLot.item_id, func.sum(StockMove.units).label("units"))
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .where(StockMove.target_id == HANDED_OUT_ID)
        .group_by(StockMove.entry_id, StockLot.item_id)
        .subquery()
    )
    lines = (
        select(Handout.id, HandoutLine.item_id, HandoutLine.units, func.coalesce(given.c.units, 0))
        .join(HandoutLine, HandoutLine.handout_id == Handout.id)
        .outerjoin(given, and_(given.c.entry_id == Handout.entry_id, given.c.item_id == HandoutLine.item_id))
        .where(
            Handout.kind != HandoutKind.REVERSAL,
            HandoutLine.units != func.coalesce(given.c.units, 0),
        )
        .order_by(Handout.id)
        .limit(20)
    )
    for handout, item, units, left in session.execute(lines):
        yield Breach("I6", f"handout {handout}, item {item}: {units} units on the line, {left} left the lots")
    unlisted = (
        select(Handout.id, given.c.item_id)
        .join(given, given.c.entry_id == Handout.entry_id)
        .outerjoin(
            HandoutLine,
            and_(HandoutLine.handout_id == Handout.id, HandoutLine.item_id == given.c.item_id),
        )
        .where(Handout.kind != HandoutKind.REVERSAL, HandoutLine.handout_id.is_(None))
        .order_by(Handout.id)
        .limit(20)
    )
    for handout, item in session.execute(unlisted):
        yield Breach("I6", f"handout {handout}: item {item} left its lots without a line")


def closed_months_are_the_rows(session: Session) -> Iterator[Breach]:
    """Closed months: the kept sums of every month are those of its ledger entries"""
    for month, last in sorted(closing.kept_months(session).months.items()):
        truth = closing.sum_month(session, month, last)
        flows = session.execute(
            select(
                MonthMove.lot_id,
                MonthMove.source_id,
                MonthMove.target_id,
                MonthMove.site_id,
                MonthMove.cause,
                MonthMove.units,
            ).where(MonthMove.month == month)
        )
        if {LotFlow(*row) for row in flows} != set(truth.flows_together()):
            yield Breach("closed months", f"{month:%Y-%m}: kept movements differ from the ledger's")
        kept = {cell: people for _, cell, people in kept_people(session, MonthReached.month == month)}
        if kept != truth.people_together():
            yield Breach(
                "closed months", f"{month:%Y-%m}: kept households and persons differ from the handouts"
            )
        for day in sorted(kept_days(session, month).union(truth.flows, truth.groups)):
            here = Period(day, day)
            if set(kept_flows(session, here, Goods())) != set(truth.flows.get(day, ())):
                yield Breach("closed months", f"{day}: kept movements differ from the ledger's")
            true_people = people_of(truth.groups.get(day, ()))
            for donor in {cell.donor_id for cell in true_people} | kept_donors(session, day):
                own = {cell: people for cell, people in true_people.items() if cell.donor_id == donor}
                if kept_people_of_days(session, here, Goods(donor)) != own:
                    yield Breach(
                        "closed months", f"{day}: kept households and persons differ from the handouts"
                    )


CHECKS = (lines_are_what_lots_gave, closed_months_are_the_rows)
