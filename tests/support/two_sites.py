"""The same objects at two sites, as bare rows: what tests of visibility ask for, and nothing of its meaning."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Table, insert
from sqlalchemy.orm import DeclarativeBase, Session

from aidtrack.accounts import models as accounts
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.cases import commands as cases
from aidtrack.db import seal_words
from aidtrack.db.types import EncryptedText
from aidtrack.distribution import models as distribution
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.feedback import models as feedback
from aidtrack.feedback.commands import State as FeedbackState
from aidtrack.inventory import models as inventory
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, PlaceKind
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.ids import new_code
from aidtrack.places.models import StarostaDistrict
from tests.support.people import add_site

DONOR, OTHER_DONOR = "SERVED", "OTHER"
# the sites' own day, which is another one than UTC's late in the evening; what is open stays so past midnight
TODAY = local_date(utc_now())
TOMORROW = TODAY + timedelta(days=1)
NO_FAMILIES: dict[str, Any] = {
    "families": 0, "now": 0, "under": 0, "falls_out": 0, "comes_in": 0, "refused": {}, "out_for": {},
}  # fmt: skip
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Half:
    """One site's objects by the names that addresses use, and a few that bodies use."""

    site_id: int
    numbers: dict[str, Any]
    voucher_code: str
    handout_client_id: str
    place_code: str


def bare(session: Session, mapping: type[DeclarativeBase], **given: Any) -> int:
    """A row with what is given, and something harmless in every other column that must have a value."""
    table = mapping.__table__
    assert isinstance(table, Table)
    number = next(_numbers)
    values = dict(given)
    for column in table.columns:
        needed = not (column.nullable or column.default is not None or column.primary_key)
        if needed and column.name not in values:
            values[column.name] = _harmless(column, number)
    key = next(iter(table.primary_key.columns))
    made = session.execute(insert(mapping).values(values).returning(key)).scalar_one()
    return int(made) if isinstance(made, int) else 0


def _harmless(column: Column[Any], number: int) -> Any:
    if isinstance(column.type, EncryptedText):
        return "{}"
    # a decorated type says only "object" about itself
    kind: type = getattr(column.type, "impl_instance", column.type).python_type
    if issubclass(kind, Enum):
        return next(iter(kind))
    if kind is str:
        return f"{column.name}-{number}"[: getattr(column.type, "length", None) or 60]
    if kind is bytes:
        return number.to_bytes(getattr(column.type, "length", None) or 8)
    simple: dict[type, Any] = {
        int: number, bool: False, date: TODAY, datetime: datetime.now(UTC), dict: {}, list: [],
    }  # fmt: skip
    return simple[kind]


def shared(session: Session) -> dict[str, Any]:
    """What belongs to no site: a donor, an item with a pack, a programme with its rule and cycle."""
    donor = bare(session, inventory.Donor, code=DONOR)
    bare(session, inventory.Donor, code=OTHER_DONOR)
    item = bare(session, inventory.Item)
    programme = bare(session, inventory.Programme)
    agreement = bare(session, inventory.Agreement, donor_id=donor)
    session.execute(insert(people.CategoryKind).values(code="test", name_uk="Т", name_en="T"))
    paper = "test_paper"
    session.execute(
        insert(people.EvidenceKind).values(code=paper, name_uk="П", name_en="P", valid_from=TODAY)
    )
    return {
        "category_kind": "test",
        "paper_code": paper,
        "draft_id": bare(
            session,
            distribution.RuleDraft,
            programme_id=programme,
            rule={"is": "all", "of": []},
            state=distribution.DraftState.OPEN,
        ),
        "district_id": bare(session, StarostaDistrict),
        "list_entry_id": bare(session, people.CaseListEntry, valid_from=TODAY),
        "donor_id": donor,
        "agreement_id": agreement,
        "item_id": item,
        "pack_id": bare(session, inventory.ItemPack, item_id=item, units=1000),
        "programme_id": programme,
        "rule_id": bare(session, distribution.ProgrammeRule, programme_id=programme, rule={"all": []}),
        "cycle_id": bare(
            session,
            distribution.Cycle,
            programme_id=programme,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=9),
        ),
        "key_id": bare(session, distribution.SigningKey, id=1),
    }


def half(session: Session, code: str, common: dict[str, Any]) -> Half:
    """One site with one of everything that belongs to a site."""
    site, now = add_site(session, code), datetime.now(UTC)
    number = f"D-{code}"  # of the receipt act: its stock document has the same
    place_code, voucher_code, client_id = f"P-{code}", new_code(), str(uuid4())
    place = bare(
        session,
        inventory.Place,
        site_id=site,
        kind=PlaceKind.POINT,
        code=place_code,
        name_uk="П",
        name_en="P",
    )
    second = bare(session, inventory.Place, site_id=site, kind=PlaceKind.WAREHOUSE, name_uk="С", name_en="W")
    user = bare(session, accounts.UserAccount, login=f"somebody-{code.lower()}")
    session.execute(insert(accounts.UserSite).values(user_id=user, site_id=site))
    maker = bare(session, accounts.UserAccount, login=f"maker-{code.lower()}")
    session.execute(insert(accounts.UserSite).values(user_id=maker, site_id=site))
    token = bare(session, accounts.ApiToken)
    session.execute(insert(accounts.TokenSite).values(token_id=token, site_id=site))
    donation = bare(
        session, inventory.Donation, site_id=site, place_id=place, donor_id=common["donor_id"],
        state=inventory.DonationState.RECEIVED, number=number,
    )  # fmt: skip
    lot = bare(
        session,
        inventory.StockLot,
        item_id=common["item_id"],
        donation_id=donation,
        donor_id=common["donor_id"],
    )
    bare(
        session,
        inventory.DonationLine,
        donation_id=donation,
        item_id=common["item_id"],
        units=1_000_000,
        lot_id=lot,
    )
    entry = _moved(
        session,
        site,
        lot,
        VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER],
        place,
        inventory.EntryKind.RECEIPT,
        document=number,
    )
    session.execute(insert(inventory.StockBalance).values(lot_id=lot, place_id=place, units=900_000))
    on_the_way = VIRTUAL_PLACE_IDS[PlaceKind.IN_TRANSIT]
    dispatch = _moved(session, site, lot, place, on_the_way, inventory.EntryKind.DISPATCH)
    transfer = bare(
        session, inventory.Transfer, source_id=place, target_id=second, dispatch_entry_id=dispatch,
        state=inventory.TransferState.DISPATCHED,
    )  # fmt: skip
    bare(session, inventory.TransferLine, transfer_id=transfer, lot_id=lot, units=50_000)
    session.execute(insert(inventory.StockBalance).values(lot_id=lot, place_id=on_the_way, units=50_000))
    household = bare(session, people.Household, site_id=site, registration_no=f"REG-{code}")
    head = bare(session, people.Person, household_id=household, is_head=True)
    collector = bare(session, people.Collector, household_id=household)
    family = bare(session, people.Household, site_id=site)  # another one of the site
    bare(session, people.Person, household_id=family, is_head=True)
    round_ = bare(
        session, distribution.Round, cycle_id=common["cycle_id"], place_id=place, first_day=TODAY, last_day=TOMORROW,
        state=distribution.RoundState.OPEN,
    )  # fmt: skip
    profile = bare(session, distribution.Profile, round_id=round_, number=1)
    session.execute(
        insert(distribution.ProfileLine).values(profile_id=profile, item_id=common["item_id"], units=500)
    )
    mark = bare(
        session, distribution.Eligibility, household_id=household, programme_id=common["programme_id"],
        rule_id=common["rule_id"], status=distribution.EligibilityStatus.ELIGIBLE,
        ground=distribution.Ground.APPLICATION,
    )  # fmt: skip
    entitlement = bare(
        session, distribution.Entitlement, cycle_id=common["cycle_id"], round_id=round_, household_id=household,
        profile_id=profile, eligibility_id=mark, persons=1,
    )  # fmt: skip
    session.execute(insert(distribution.EntitlementPerson).values(entitlement_id=entitlement, person_id=head))
    voucher = bare(
        session, distribution.Voucher, entitlement_id=entitlement, round_id=round_, key_id=common["key_id"],
        typed_code=voucher_code, serial=f"SERIAL-{code}", first_day=TODAY, last_day=TOMORROW,
        state=VoucherState.ISSUED,
    )  # fmt: skip
    why = seal_words(session, household, f"REASON-{code}")
    given = _moved(
        session, site, lot, place, VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT], inventory.EntryKind.HANDOUT,
        document=f"SERIAL-{code}", reason=why,
    )  # fmt: skip
    handout = bare(
        session, distribution.Handout, client_id=client_id, kind=distribution.HandoutKind.REGULAR,
        entitlement_id=entitlement, voucher_id=voucher, round_id=round_, household_id=household, place_id=place,
        site_id=site, entry_id=given, turn=1, reason=why,
    )  # fmt: skip
    session.execute(
        insert(distribution.HandoutLine).values(
            handout_id=handout, item_id=common["item_id"], due_units=500, units=500
        )
    )
    close = bare(session, distribution.DayClose, place_id=place, site_id=site, day=TODAY, book_entry_id=0)
    paper_list = bare(
        session, distribution.PaperList, round_id=round_, place_id=place, site_id=site, made_on=TODAY
    )
    session.execute(insert(distribution.PaperRow).values(list_id=paper_list, number=1, voucher_id=voucher))
    owner = {"user_id": user, "site_id": site, "round_id": round_, "place_id": place}
    case = bare(
        session, distribution.ReviewCase, site_id=site, kind=distribution.CaseKind.GAP, happened_on=TODAY
    )
    intake = bare(
        session, people.Intake, site_id=site, household_id=household, received_on=TODAY, status=cases.IntakeStatus.OPEN,
    )  # fmt: skip
    sitting = bare(
        session,
        people.Sitting,
        site_id=site,
        held_on=TODAY,
        grants_from=TODAY,
        state=cases.SittingState.PLANNED,
    )
    sitting_case = bare(
        session, people.SittingCase, sitting_id=sitting, household_id=household, intake_id=intake
    )
    slot_day = bare(session, distribution.SlotDay, place_id=place, day=TODAY, last_ticket=1)
    slot = bare(
        session,
        distribution.Slot,
        round_id=round_,
        day_id=slot_day,
        starts=540,
        ends=570,
        capacity=5,
        taken=1,
    )
    booking = bare(
        session, distribution.SlotBooking, round_id=round_, household_id=household, slot_id=slot, day_id=slot_day, ticket=1
    )  # fmt: skip
    said = bare(
        session, feedback.Feedback, site_id=site, kind="question", sensitive=False, state=FeedbackState.NEW
    )
    trials = {
        purpose: bare(
            session, distribution.RuleTrial, purpose=purpose, programme_id=common["programme_id"],
            site_ids=[site], protected=False, state=distribution.TrialState.FINISHED, counts=NO_FAMILIES,
        )
        for purpose in distribution.TrialPurpose
    }  # fmt: skip
    numbers = {
        **common,
        "trial_id": trials[distribution.TrialPurpose.DRAFT],
        "qualify_id": trials[distribution.TrialPurpose.QUALIFY],
        "marks_id": trials[distribution.TrialPurpose.MARKS],
        "intake_id": intake,
        "sitting_id": sitting,
        "sitting_case_id": sitting_case,
        "case_id": case,
        "slot_id": slot,
        "booking_id": booking,
        "feedback_id": said,
        "feedback_grant_id": bare(
            session, feedback.FeedbackGrant, user_id=user, granted_by_id=maker, valid_until=now + timedelta(days=9)
        ),
        "device_id": bare(session, distribution.Device, **owner),
        "invitation_id": bare(session, distribution.DeviceInvitation, **owner),
        "list_id": paper_list,
        "close_id": close,
        "user_id": user, "token_id": token, "place_id": place, "donation_id": donation, "lot_id": lot,
        "entry_id": entry, "transfer_id": transfer, "household_id": household, "person_id": head,
        "collector_id": collector, "other_id": family, "site_id": site,
        "merge_id": bare(
            session, people.HouseholdMerge, survivor_id=household, loser_id=family,
            choices='{"taken": [], "people": []}', proposed_by="somebody else",
        ),
        "not_same_id": bare(session, people.NotSame, low_id=household, high_id=family),
        "round_id": round_, "voucher_id": voucher, "eligibility_id": mark, "handout_id": handout,
        "grant_id": bare(
            session, people.ProtectionGrant, user_id=user, granted_by_id=maker, valid_until=now + timedelta(days=9)
        ),
        "ground_id": bare(session, people.HouseholdGround, household_id=household, language="uk"),
        "request_id": bare(session, people.ErasureRequest, household_id=household, site_id=site, asked_by="else"),
        "export_id": bare(session, people.IdentifierExport, site_id=site, asked_by="else", fields=["names"]),
        "category_id": bare(
            session, people.Category, household_id=household, person_id=head, kind=common["category_kind"]
        ),
    }  # fmt: skip
    return Half(site, numbers, voucher_code, client_id, place_code)


def _moved(
    session: Session, site: int, lot: int, source: int, target: int, kind: inventory.EntryKind, **more: Any
) -> int:
    entry = bare(session, inventory.StockEntry, site_id=site, kind=kind, **more)
    bare(
        session,
        inventory.StockMove,
        entry_id=entry,
        lot_id=lot,
        source_id=source,
        target_id=target,
        units=50_000,
    )
    return entry
