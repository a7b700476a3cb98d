"""Where one may hand out, and how the day goes there."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.distribution.models import Entitlement, Handout, HandoutKind, Round, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.kinds import REAL_PLACES
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class CounterPlace:
    """A place where the person may hand out; `rounds` are the codes of rounds running there today."""

    id: int
    name_uk: str
    name_en: str
    rounds: tuple[str, ...]


def counter_places(session: Session, *, actor: Actor, on: date) -> list[CounterPlace]:
    """Active places of the actor's sites, those with a round today first."""
    running: dict[int, list[str]] = {}
    for place_id, code in session.execute(
        select(Round.place_id, Round.code)
        .where(Round.first_day <= on, Round.last_day >= on)
        .order_by(Round.code)
    ):
        running.setdefault(place_id, []).append(code)
    places = [
        CounterPlace(place_id, name_uk, name_en, tuple(running.get(place_id, ())))
        for place_id, name_uk, name_en in session.execute(
            select(Place.id, Place.name_uk, Place.name_en)
            .where(Place.site_id.in_(actor.site_ids), Place.kind.in_(REAL_PLACES), Place.active)
            .order_by(Place.name_uk)
        )
    ]
    return sorted(places, key=lambda place: not place.rounds)


def tally(session: Session, *, place_id: int, actor: Actor, on: date) -> dict[str, int]:
    """Handouts standing and undone today, and vouchers still open in rounds running here."""
    taken_back = aliased(Handout)
    here = (Handout.place_id == place_id, Handout.site_id.in_(actor.site_ids), Handout.given_on == on)
    given = session.scalar(
        select(func.count())
        .select_from(Handout)
        .outerjoin(taken_back, taken_back.reverses_id == Handout.id)
        .where(*here, Handout.kind != HandoutKind.REVERSAL, taken_back.id.is_(None))
    )
    undone = session.scalar(
        select(func.count()).select_from(Handout).where(*here, Handout.kind == HandoutKind.REVERSAL)
    )
    still_open = session.scalar(
        select(func.count())
        .select_from(Voucher)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Round, Round.id == Entitlement.round_id)
        .join(Place, Place.id == Round.place_id)
        .where(
            Round.place_id == place_id,
            Place.site_id.in_(actor.site_ids),
            Round.first_day <= on,
            Round.last_day >= on,
            Voucher.state == VoucherState.ISSUED,
        )
    )
    return {"given": given or 0, "undone": undone or 0, "open": still_open or 0}
