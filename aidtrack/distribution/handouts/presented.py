"""From what was scanned or typed to the voucher it names, or to the reason why not."""

from datetime import date
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from aidtrack.db.prepared import as_date, as_moment, rows_of
from aidtrack.distribution import signing
from aidtrack.distribution.errors import NotAVoucher, UnknownVoucher, VoidVoucher
from aidtrack.distribution.handouts import statements
from aidtrack.distribution.vouchers import PresentedVoucher, VoucherState, require_redeemable
from aidtrack.inventory.allocation import LotOnHand
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import CODE_LENGTH, check_code
from aidtrack.kernel.late import dataclass

COLLECTED = frozenset({VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED})


@dataclass(frozen=True, slots=True)
class FoundVoucher:
    """A genuine voucher of this centre with the entitlement it carries."""

    id: int
    state: VoucherState
    serial: str
    first_day: date
    last_day: date
    entitlement_id: int
    turn: int
    household_id: int
    profile_id: int
    persons: int
    round_id: int
    round_code: str
    place_id: int
    programme_id: int
    site_id: int
    place_code: str
    place_name_uk: str
    place_name_en: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """One item of an entitlement, base units."""

    item_id: int
    item_code: str
    base_unit: str
    units: int
    name_uk: str
    name_en: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot at the place, as allocation sees it, with what a receipt shows of it."""

    item_id: int
    lot: LotOnHand
    lot_code: str
    donor_code: str


@dataclass(frozen=True, slots=True)
class CounterPlace:
    """Where goods are handed out."""

    id: int
    site_id: int
    code: str
    active: bool


PLACE_OF_UNIT = "aidtrack_counter_place"


def place_by_code(session: Session, code: str) -> CounterPlace | None:
    """The place of that code, remembered for the rest of the unit: handing out asks for it by its id."""
    row = statements.PLACE_BY_CODE.row(session, code=code)
    found = CounterPlace(*row) if row is not None else None
    session.info[PLACE_OF_UNIT] = found
    return found


def place(session: Session, place_id: int) -> CounterPlace | None:
    known: CounterPlace | None = session.info.get(PLACE_OF_UNIT)
    if known is not None and known.id == place_id:
        return known
    row = statements.PLACE.row(session, place_id=place_id)
    return CounterPlace(*row) if row is not None else None


def find(session: Session, text: str, *, locked: bool) -> FoundVoucher:
    """The voucher behind a scanned QR text or a typed short code.

    With `locked`, PostgreSQL holds the voucher's row until the unit ends.

    Raises:
        NotAVoucher, DamagedVoucher, ForeignVoucher, UnknownKey, BadSignature, UnknownVoucher, VoidVoucher.
    """
    typed = _typed_code(text)
    if typed is not None:
        row = statements.VOUCHER_BY_TYPED_CODE[locked].row(session, key=typed)
        if row is None:
            raise UnknownVoucher
        return _under_a_good_key(row)
    code = signing.DecodedCode.of(text)
    row = statements.VOUCHER_BY_QR[locked].row(session, key=code.claims.voucher_id.bytes)
    if row is None:
        keys = {key_id: _public_key(bytes(point)) for key_id, point in statements.SIGNING_KEYS.rows(session)}
        centre = statements.DEPLOYMENT_TAG.row(session)
        code.verify(keys, _tag(centre[0]) if centre else 0)
        raise UnknownVoucher
    # the signature covers every byte, so a genuine code is exactly the one that was printed for this row
    code.verify({row[6]: _public_key(bytes(row[7]))}, _tag(row[22]))
    return _under_a_good_key(row)


def _under_a_good_key(row: Any) -> FoundVoucher:
    """A paper whose signing key was withdrawn after a leak is refused, scanned or typed; its reprint has another."""
    if row[8] is not None:
        raise VoidVoucher
    return _found(row)


def lock_by_id(session: Session, voucher_id: int) -> FoundVoucher:
    """The voucher and its entitlement as they are now, both rows held until the unit ends."""
    row = statements.VOUCHER_BY_ID_LOCKED.row(session, key=voucher_id)
    if row is None:
        raise UnknownVoucher
    return _found(row)


def is_typed(text: str) -> bool:
    """Whether the text can only be a code typed by hand: too short for a QR text, and without its colon."""
    return len(text) <= 4 * CODE_LENGTH and ":" not in text and "Ж" not in text.upper()


def _typed_code(text: str) -> str | None:
    """The normalised short code if the text is one, None if it must be a QR text."""
    if not is_typed(text):
        return None
    try:
        return check_code(text)
    except DomainError as error:
        if len("".join(text.split())) > 2 * CODE_LENGTH or not any(character.isalnum() for character in text):
            raise NotAVoucher from error
        raise


def _tag(stored: bytes) -> int:
    return int.from_bytes(bytes(stored), "big")


@lru_cache(maxsize=64)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return signing.public_key_from_bytes(point)


def _found(row: tuple[Any, ...]) -> FoundVoucher:
    return FoundVoucher(
        id=row[0], state=VoucherState(row[1]), serial=row[2], first_day=as_date(row[4]), last_day=as_date(row[5]),
        entitlement_id=row[9], turn=row[10], household_id=row[11], profile_id=row[12], persons=row[13],
        round_id=row[14], round_code=row[15], place_id=row[16], programme_id=row[17], site_id=row[18],
        place_code=row[19], place_name_uk=row[20], place_name_en=row[21],
    )  # fmt: skip


def require_open(
    session: Session, voucher: FoundVoucher, *, on: date, place_id: int, language: str = "uk"
) -> None:
    """Let the voucher through or say why not (see `vouchers.require_redeemable`)."""
    collected_at = collected_place = None
    if voucher.state in COLLECTED:
        standing = statements.STANDING_HANDOUT.row(
            session, entitlement_id=voucher.entitlement_id, turn=voucher.turn
        )
        if standing is not None:
            collected_at = as_moment(standing[12])
            collected_place = standing[19 if language == "uk" else 20]
    require_redeemable(
        PresentedVoucher(
            state=voucher.state,
            first_day=voucher.first_day,
            last_day=voucher.last_day,
            place_id=voucher.place_id,
            place=voucher.place_name_uk if language == "uk" else voucher.place_name_en,
            collected_at=collected_at,
            collected_place=collected_place,
        ),
        on=on,
        place_id=place_id,
    )


def due_lines(session: Session, profile_id: int) -> list[DueLine]:
    return [DueLine(*row) for row in statements.DUE.rows(session, profile_id=profile_id)]


def lots_at(session: Session, *, place_id: int, profile_id: int) -> list[LotRow]:
    """Every lot of the profile's items that the place holds, usable or not, as seen at this moment."""
    return [_lot(row) for row in statements.LOTS.rows(session, place_id=place_id, profile_id=profile_id)]


@dataclass(frozen=True, slots=True)
class Counter:
    """What a handout stands on once its voucher is held: asked in one message, read after all waiting."""

    earlier: tuple[Any, ...] | None  # a row of HANDOUT_BY_CLIENT_ID: this client id had its effect before
    due: list[DueLine]
    lots: list[LotRow]
    numbers: tuple[int | None, int | None]  # of entry and handout, where they are known in advance


def look(session: Session, *, client_id: str, place_id: int, profile_id: int) -> Counter:
    """Look at the counter and hold the balances of the profile's items until the unit ends, by lot id."""
    in_advance = session.get_bind().dialect.name == "postgresql"
    earlier, due, lots, *numbers = rows_of(
        session,
        (statements.HANDOUT_BY_CLIENT_ID, {"client_id": client_id}),
        (statements.DUE, {"profile_id": profile_id}),
        (statements.LOTS_LOCKED, {"place_id": place_id, "profile_id": profile_id}),
        *([(statements.NUMBERS, {})] if in_advance else []),
    )
    return Counter(
        earlier=earlier[0] if earlier else None,
        due=[DueLine(*row) for row in due],
        lots=[_lot(row) for row in lots],
        numbers=(numbers[0][0][0], numbers[0][0][1]) if numbers else (None, None),
    )


def _lot(row: tuple[Any, ...]) -> LotRow:
    lot = LotOnHand(
        lot_id=row[1],
        units=row[2],
        expires_on=as_date(row[3]) if row[3] is not None else None,
        programme_id=row[4],
        earmarked=bool(row[5]),
        received_on=as_date(row[6]),
        usable=row[7] == "usable",
    )
    return LotRow(item_id=row[0], lot=lot, lot_code=row[8], donor_code=row[9])
