"""What a person typed beside an act for a family stands in rows that are never changed, and yet goes with the family."""

from collections.abc import Callable
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.models import Approval, ApprovalState
from aidtrack.accounts.approvals.services import Decide, SetThreshold
from aidtrack.audit import chain, sealing
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.privacy import erasure
from aidtrack.db import seal_words
from aidtrack.db.sealing import WORDS
from aidtrack.distribution import models, services
from aidtrack.distribution.commands import ReprintVoucher, VoidVoucher
from aidtrack.distribution.handouts import queries as receipts
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.paper import services as paper
from aidtrack.distribution.paper.commands import MakeList, NoteRow
from aidtrack.distribution.review.services import Settle, settle_case
from aidtrack.distribution.second_person import ask_reprint
from aidtrack.inventory.models import StockEntry
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.privacy.test_erasing_everything import stored_in_files
from tests.distribution.field.conftest import Field
from tests.distribution.field.conftest import place as place
from tests.distribution.review.test_reviews import extra

PLACES = (AuditEvent.reason, models.Handout.reason, StockEntry.reason)


def somebody(place: Field, role: Role, number: int = 7) -> Actor:
    sites = frozenset({place.world.site_id})
    return Actor(label=f"x{number}", role=role, site_ids=sites, user_id=number, permissions=PERMISSIONS[role])


def handed_out_otherwise(place: Field, session: Session, word: Callable[[str], str]) -> None:
    """Less than was due, taken back, and the voucher withdrawn."""
    order = HandOut(
        uuid4(), place.world.codes[1], place.world.place_id,
        quantities={place.world.item_ids["RICE"]: 100}, reason=word("less"),
    )  # fmt: skip
    clerk = place.world.actor()
    counter.hand_out(session, order, actor=clerk, now=utc_now())
    back = UndoHandout(uuid4(), order.client_id, word("undone"))
    counter.undo_handout(session, back, actor=clerk, now=utc_now())
    assert receipts.receipt_for(session, str(order.client_id), actor=clerk).reason == word("less")
    void = VoidVoucher(place.world.voucher_ids[1], word("void"))
    services.void_voucher(session, void, actor=somebody(place, Role.CASEWORKER), now=utc_now())


def printed_anew(place: Field, session: Session, word: Callable[[str], str]) -> None:
    """A reprint that somebody else was asked about and refused."""
    chief = somebody(place, Role.ADMINISTRATOR, 9)
    approvals.set_threshold(session, SetThreshold(place.world.site_id, 2, 0), actor=chief, now=utc_now())
    command = ReprintVoucher(str(uuid4()), place.world.voucher_ids[1], word("reprint"))
    assert ask_reprint(session, command, actor=somebody(place, Role.CASEWORKER), now=utc_now()) is None
    waiting = session.scalars(sa.select(Approval.id)).one()
    no = Decide(waiting, ApprovalState.REFUSED, word("refused"))
    approvals.decide(session, no, actor=somebody(place, Role.WAREHOUSE, 8), now=utc_now())


def noted_on_paper(place: Field, session: Session, word: Callable[[str], str]) -> None:
    maker = somebody(place, Role.CASEWORKER)
    listed = paper.make_list(
        session, MakeList(str(uuid4()), place.world.round_id, 0), actor=maker, now=utc_now()
    )
    row = session.scalars(
        sa.select(models.PaperRow.number).where(models.PaperRow.voucher_id == place.world.voucher_ids[1])
    ).one()
    note = NoteRow(listed, row, local_date(utc_now()), word("noted"))
    paper.note_row(session, note, actor=place.world.actor(), now=utc_now())


ACTS = (noted_on_paper, printed_anew, handed_out_otherwise)


def test_the_reasons_of_an_erased_family_open_no_more_and_the_log_is_unbroken(
    place: Field, app: Flask
) -> None:
    spoken: list[str] = []

    def word(what: str) -> str:
        spoken.append(f"Зкххслово {what}")
        return spoken[-1]

    with place.unit() as session:
        family = session.scalars(
            sa.select(models.Entitlement.household_id)
            .join(models.Voucher, models.Voucher.entitlement_id == models.Entitlement.id)
            .where(models.Voucher.id == place.world.voucher_ids[1])
        ).one()
        for act in ACTS:
            act(place, session, word)
        audit.record(
            session, actor=place.world.actor(), action="rights.end", object_type="household", object_id=family,
            reason=word("ended"), now=utc_now(),
        )  # fmt: skip
    with place.unit() as session:
        assert said(session) == set(spoken), "who may read the log reads them"
        assert in_the_rows(session) & set(spoken) == set(), "and nobody who has the database alone"
        made = sealing.seal(session, utc_now())
    assert made is not None
    with place.unit() as session:
        erasure.erase(session, family, now=utc_now())
    with place.unit() as session:
        assert said(session) & set(spoken) == set()
        given_out = chain.checkpoint(made.id, made.hash)
        assert list(sealing.check_chain(session, (given_out,))) == []
        assert seal_words(session, family, "nobody reads this") == "—"
    files = stored_in_files(app)
    assert [one for one in spoken if one in files] == []


def said(session: Session) -> set[str]:
    """As the product reads them."""
    return {one for column in PLACES for one in session.scalars(sa.select(column)) if one is not None} - {"—"}


def in_the_rows(session: Session) -> set[str]:
    """As they lie in the database."""
    plain = [sa.select(sa.type_coerce(one, sa.String)).where(one.is_not(None)) for one in PLACES]
    return {words for asked in plain for words in session.scalars(asked)}


def test_what_settles_a_review_is_sealed_wherever_it_goes(place: Field) -> None:
    """Goods that came back: the case, the log, the reversal and its entry say the same words."""
    case = extra(place)
    with place.unit() as session:
        why = Settle(models.Choice.GOODS_RETURNED, "Зкххслово принесли")
        settle_case(session, case.id, why, actor=somebody(place, Role.WAREHOUSE, 777), now=utc_now())
    with place.unit() as session:
        assert said(session) == {"Зкххслово принесли"}
        sealed = in_the_rows(session) - {"—"}
    assert len(sealed) == 1 and next(iter(sealed)).startswith(WORDS)


def test_words_that_only_look_sealed_are_sealed(place: Field) -> None:
    with place.unit() as session:
        household = session.scalars(sa.select(models.Entitlement.household_id).limit(1)).one()
        for typed in (f"{WORDS}Зкхх", f"{WORDS}AQID", f"{WORDS}"):
            sealed = seal_words(session, household, typed)
            assert sealed != typed
            assert seal_words(session, household, sealed) == sealed
            session.execute(
                sa.insert(AuditEvent).values(at=utc_now(), actor_label="x", action="y.z", reason=sealed)
            )
            newest = sa.select(AuditEvent.reason).order_by(AuditEvent.id.desc()).limit(1)
            assert session.scalars(newest).one() == typed
