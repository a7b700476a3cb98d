"""Every column that may hold something of a family holds a word; after erasing, none of them is left anywhere.

The columns are those of the canaries (`tests.support.canaries`), found in the mappings: a new one takes part by itself.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from uuid import uuid4

from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals.models import Approval, ApprovalState
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.privacy import erasure
from aidtrack.db import Base
from aidtrack.distribution import models as distribution
from aidtrack.distribution.services.vouchers import REPRINT_OF_TWO
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.feedback.models import Feedback
from aidtrack.kernel.actor import Role
from tests.beneficiaries.families import NOW
from tests.support import canaries, planting
from tests.support.people import add_person
from tests.support.searching import found_in
from tests.support.two_sites import Half, bare, half, shared

Unit = Callable[[], AbstractContextManager[Session]]
REPRINT = "Zqxreprint"
# What stays although it was planted, and why (docs/privacy.md, Not good yet).
STAYS = {
    "serial": "the voucher's, and the ledger's",
    "code": "the voucher's: random, and of no use once it was collected on",
    "field_event.body": "what phones signed is never changed; sealed",
    "field_quarantine.raw": "what phones sent and nobody could read, tied to no family; sealed",
    "identifier_export.purpose": "the site's: what a file was for",
    "import_file.name": "the site's: a table that somebody brought, for a day; sealed",
}


def test_nothing_that_was_written_about_an_erased_family_is_left(app: Flask, unit: Unit) -> None:
    with unit() as session:
        here = half(session, "DN", shared(session))
        approver = add_person(session, Role.CASEWORKER, site_ids=[here.site_id]).actor
    words = planting.words_of("DN", 1, here)
    with app.app_context():
        planting.plant(here, words, 1)
    with unit() as session:
        canaries.plant(session, here, "DN")
        tie(session, here, words)
    words |= canaries.words("DN") | {"a reprint": REPRINT, "protected kind": planting.PROTECTED_KIND}
    with unit() as session:
        assert words.keys() - found_in(everything(session), words) == set(), "planted, and yet not there"
    with unit() as session:
        erasure.decide(session, here.numbers["request_id"], approve=True, actor=approver, now=NOW)
    gone = {what: word for what, word in words.items() if what not in STAYS}
    with unit() as session:
        assert found_in(everything(session), gone) == set()
        assert STAYS.keys() - found_in(everything(session), words) == set(), (
            "gone after all: take it off the list"
        )
        tokens = select(people.NameToken.token).where(people.NameToken.person_id == here.numbers["person_id"])
        assert session.scalars(tokens).all() == []
    assert found_in(stored_in_files(app), gone) == set()


def tie(session: Session, here: Half, words: dict[str, str]) -> None:
    """What stands beside a family becomes its own: messages under its name, its voucher on paper, a reprint of it."""
    numbers = here.numbers
    household_id, voucher_id = numbers["household_id"], numbers["voucher_id"]
    session.execute(update(Feedback).values(household_id=household_id))
    session.execute(
        update(people.HouseholdMerge).values(
            state="declined", decided_at=NOW, decided_by="y", decided_by_id=9
        )
    )
    session.execute(
        update(people.Intake).values(
            status="closed", closed_on=date(2026, 1, 1), outcome="advised", serial=None
        )
    )
    session.execute(
        update(people.Sitting).values(state="closed", minutes_on=date(2026, 1, 1), minutes_number="1")
    )
    session.execute(update(distribution.Voucher).values(state=VoucherState.EXPIRED))
    session.execute(
        update(distribution.PaperRow).where(distribution.PaperRow.number == 2).values(used_voucher_id=voucher_id)
    )  # fmt: skip
    event = bare(
        session, distribution.FieldEvent, site_id=here.site_id, device_id=numbers["device_id"], round_id=numbers["round_id"],
        place_id=numbers["place_id"], type="handout", seq=77, voucher_id=voucher_id,
        entitlement_id=session.scalar(select(distribution.Entitlement.id)),
    )  # fmt: skip
    session.execute(
        insert(distribution.ReviewCase).values(
            kind="extra", site_id=here.site_id, event_id=event, happened_on=date(2026, 1, 1), opened_at=NOW, settled_at=NOW,
            settled_by="x", how="as_it_is", reason=words["reason of a review"],
        )
    )  # fmt: skip
    session.execute(
        update(distribution.ReviewCase)
        .where(distribution.ReviewCase.id == numbers["case_id"])
        .values(reason="of another family's")
    )
    session.execute(
        insert(Approval).values(
            kind=REPRINT_OF_TWO, command_id=str(uuid4()), command={"voucher_id": voucher_id, "reason": REPRINT},
            site_id=here.site_id, reason=REPRINT, asked_at=NOW, asked_by="x", state=ApprovalState.REFUSED,
            decided_at=NOW, decided_by="y", answer=REPRINT,
        )
    )  # fmt: skip


def everything(session: Session) -> str:
    """All cells of all tables, opened where any key that is left opens them."""
    return "\n".join(
        repr(cell)
        for table in Base.metadata.sorted_tables
        for row in session.execute(select(table))
        for cell in (one.strftime("%d.%m.%Y") if isinstance(one, date) else one for one in row)
    )


def stored_in_files(app: Flask) -> str:
    """SQLite's files as they lie on the disk, freed pages and all; PostgreSQL's are its own."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if not url.startswith("sqlite"):
        return ""
    path = url.removeprefix("sqlite:///")
    files = [Path(path + end) for end in ("", "-wal", "-journal") if Path(path + end).exists()]
    return "\n".join(file.read_bytes().decode("utf-8", "replace") for file in files)
