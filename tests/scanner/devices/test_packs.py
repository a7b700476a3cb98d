"""A device's pack as the phone reads it: everything for its round, nothing of a family without the voucher."""

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.db import unit_of_work
from aidtrack.distribution import signing
from aidtrack.distribution.commands import VoidVoucher
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.services import hand_out
from aidtrack.distribution.models import Device, FileKey, PackRow, Voucher
from aidtrack.distribution.phones import supervisors
from aidtrack.distribution.phones.encoding import b64, from_b64
from aidtrack.distribution.services import supervisor_codes, void_voucher
from aidtrack.distribution.services.file_keys import private_keys
from aidtrack.inventory.models import Agreement, Programme, ProgrammeAgreement, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.scanner.pack import building, prepared, rows
from aidtrack.scanner.pack.layout import is_set, take_apart
from tests.scanner.devices.conftest import Hall
from tests.support import people
from tests.support import world as made
from tests.support.kinds import on_sqlite
from tests.support.patience import until

PACK = "/sync/v1/pack"
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def cheap_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """How dear a typed row is, is measured in benchmarks; here it only costs time."""
    monkeypatch.setattr(rows, "ITERATIONS", 10)


def family(head: dict[str, Any], blobs: dict[str, bytes], code: str) -> rows.FamilyRow | None:
    """What the pack shows for a scanned code."""
    claims, _, _ = signing.decode(code)
    secret = rows.voucher_secret(claims.voucher_id.bytes, head["round"]["tag"])
    row = rows.find(blobs["rows"], secret.name, size=rows.ROW)
    content = rows.unseal(secret, row) if row is not None else None
    return rows.family_of(content) if content is not None else None


def typed(head: dict[str, Any], blobs: dict[str, bytes], code: str) -> bytes | None:
    """The 100 bytes a typed code opens."""
    given = head["typed"]
    secret = rows.typed_secret(code, from_b64(given["salt"]), given["iterations"])
    row = rows.find(blobs["typed"], secret.name, size=rows.TYPED_ROW)
    return rows.unseal(secret, row) if row is not None else None


def give(hall: Hall, number: int) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        command = HandOut(uuid4(), hall.world.codes[number], hall.world.place_id)
        hand_out(session, command, actor=hall.helper.actor, now=datetime.now(UTC))


def test_the_head_says_what_the_phone_needs(hall: Hall) -> None:
    phone = hall.phone()
    head, _ = phone.pack()
    assert (head["v"], head["device"], head["good_for_s"]) == (1, phone.device, 259200)
    assert abs(datetime.fromisoformat(head["issued_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert head["round"]["id"] == hall.world.round_id and head["place"]["code"] == hall.world.place_code
    assert head["deployment"] == int.from_bytes(made.TAG, "big")
    assert head["profiles"] == [
        {"number": 1, "lines": [{"item": "OIL", "units": 920}, {"item": "RICE", "units": 500}]}
    ]
    assert {item["code"]: item["unit"] for item in head["items"]} == {"OIL": "g", "RICE": "g"}
    assert {(lot["item"], lot["donor"], lot["units"]) for lot in head["lots"]} == {
        ("RICE", "WFP", 50_000), ("OIL", "MINRE", 92_000),
    }  # fmt: skip
    keys = {key["id"]: signing.public_key_from_bytes(from_b64(key["key"])) for key in head["keys"]}
    for code in hall.world.codes:
        assert signing.verify(code, keys, head["deployment"]).round_tag == head["round"]["tag"]


@on_sqlite
def test_rows_open_with_the_voucher_and_codes_with_the_characters_typed(hall: Hall) -> None:
    head, blobs = hall.phone().pack()
    for code, characters in zip(hall.world.codes, hall.world.typed_codes, strict=True):
        assert family(head, blobs, code) == rows.FamilyRow("Олена Т.", 2)
        opened = typed(head, blobs, characters)
        assert opened is not None and signing.decode(code)[2] == opened[:36]
    assert len(blobs["rows"]) == 3 * rows.ROW and len(blobs["typed"]) == 3 * rows.TYPED_ROW


def test_nothing_of_a_family_stands_in_the_pack_in_clear(hall: Hall) -> None:
    answer = hall.phone().ask(PACK)
    pack = answer.data
    with hall.app.app_context(), unit_of_work() as session:
        secrets = [
            *(bytes(one) for one in session.scalars(select(Voucher.public_id))),
            *(one.encode() for one in session.scalars(select(Household.registration_no))),
            *(one.encode() for one in session.scalars(select(Voucher.typed_code))),
            "Олена".encode(),
            "Тестенко".encode(),
        ]
    assert [secret for secret in secrets if secret in pack] == []


@on_sqlite
def test_a_foreign_voucher_opens_nothing(hall: Hall) -> None:
    head, blobs = hall.phone().pack()
    claims, _, _ = signing.decode(hall.world.codes[0])
    other = signing.encode(
        signing.VoucherClaims(**{**{name: getattr(claims, name) for name in claims.__slots__},
                                 "voucher_id": uuid4()}), hall.world.key,  # type: ignore[arg-type]
    )  # fmt: skip
    assert family(head, blobs, other) is None and typed(head, blobs, "0000000000") is None


def test_collected_and_withdrawn_vouchers_are_marked(hall: Hall) -> None:
    give(hall, 0)
    with hall.app.app_context(), unit_of_work() as session:
        command = VoidVoucher(hall.world.voucher_ids[1], "Загублено")
        void_voucher(session, command, actor=hall.manager.actor, now=NOW)
    head, blobs = hall.phone().pack()
    places = [signing.decode(code)[0].status_index for code in hall.world.codes]
    assert [is_set(blobs["collected"], place) for place in places] == [True, False, False]
    assert [is_set(blobs["void"], place) for place in places] == [False, True, False]
    assert len(blobs["void"]) >= 32768 and len(blobs["collected"]) >= 32768
    assert family(head, blobs, hall.world.codes[1]) is None  # its paper opens nothing any more
    assert family(head, blobs, hall.world.codes[0]) is not None
    assert {lot["item"]: lot["units"] for lot in head["lots"]} == {"RICE": 49_500, "OIL": 91_080}


@on_sqlite
def test_goods_of_another_programme_stay_out(hall: Hall) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        other = Programme(code="OTHER", name_uk="Інша", name_en="Other")
        session.add(other)
        session.flush()
        made.add_lot(session, hall.world, "RICE", 7_000, earmarked_for=other.id)
        made.add_lot(session, hall.world, "RICE", 3_000, earmarked_for=hall.world.programme_id)
        made.add_lot(session, hall.world, "RICE", 9_000, place_id=hall.world.other_place_id)
    head, _ = hall.phone().pack()
    rice = sorted(
        (lot["units"], lot["programme"], lot["earmarked"]) for lot in head["lots"] if lot["item"] == "RICE"
    )
    assert rice == [(3_000, "ours", True), (50_000, "free", False)]


def test_a_signature_is_asked_for_where_an_agreement_of_programme_or_goods_asks(hall: Hall) -> None:
    phone = hall.phone()
    assert phone.pack()[0]["round"]["needs_signature"] is False
    with hall.app.app_context(), unit_of_work() as session:
        paper = Agreement(
            donor_id=hall.world.donor_ids["WFP"], number="A-1", signed_on=NOW.date(), title_uk="Угода",
            title_en="Agreement", needs_signature=True,
        )  # fmt: skip
        session.add(paper)
        session.flush()
        agreement_id = paper.id
    assert phone.pack()[0]["round"]["needs_signature"] is False
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(
            update(StockLot)
            .where(StockLot.donor_id == hall.world.donor_ids["WFP"])
            .values(agreement_id=agreement_id)
        )
    assert phone.pack()[0]["round"]["needs_signature"] is True
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(StockLot).values(agreement_id=None))
        session.add(ProgrammeAgreement(programme_id=hall.world.programme_id, agreement_id=agreement_id))
    assert phone.pack()[0]["round"]["needs_signature"] is True


def test_an_unchanged_pack_is_not_sent_again_and_lives_on(hall: Hall) -> None:
    phone = hall.phone()
    first = phone.ask(PACK)
    serial = take_apart(first.data)[0]["serial"]
    assert first.headers["ETag"] == f'"{serial}"' and first.headers["Cache-Control"] == "no-store"
    again = phone.ask(PACK, headers={"If-None-Match": f'"{serial}"'})
    assert (again.status_code, again.data) == (304, b"")
    issued = datetime.fromisoformat(again.headers["Aidtrack-Issued-At"])
    assert abs(issued - datetime.now(UTC)) < timedelta(minutes=1)
    give(hall, 0)
    changed = phone.ask(PACK, headers={"If-None-Match": f'"{serial}"'})
    assert changed.status_code == 200 and take_apart(changed.data)[0]["serial"] != serial
    with hall.app.app_context(), unit_of_work() as session:
        device = session.scalars(select(Device)).one()
        assert device.last_pack_serial == take_apart(changed.data)[0]["serial"]
        assert device.last_pack_rows == 3 and device.last_pack_at is not None


@pytest.mark.parametrize("change", ["name", "collector", "voucher", "key", "supervisor", "stock"])
def test_whatever_changes_in_a_pack_changes_its_serial(hall: Hall, change: str) -> None:
    phone = hall.phone()
    before = phone.pack()[0]["serial"]
    assert phone.pack()[0]["serial"] == before
    with hall.app.app_context(), unit_of_work() as session:
        touched = {"changed_at": NOW + timedelta(hours=1), "version": 2}
        match change:
            case "name":
                for person in session.scalars(select(Person)):
                    person.surname = "Інша"
                session.execute(
                    update(Household).where(Household.registration_no == "H-0000001").values(touched)
                )
            case "collector":
                session.execute(update(Household).values(touched))
                for household_id in session.scalars(select(Household.id)).all():
                    people.may_collect(session, household_id, "Шевченко Марія Петрівна", since=NOW.date())
            case "voucher":
                void_voucher(
                    session, VoidVoucher(hall.world.voucher_ids[2], "Загублено"), actor=hall.manager.actor, now=NOW
                )  # fmt: skip
            case "key":
                session.execute(update(signing_key()).values(withdrawn_at=NOW))
            case "supervisor":
                supervisor_codes.make_code(
                    session, site_id=hall.world.site_id, actor=hall.manager.actor, now=NOW
                )
            case "stock":
                made.add_lot(session, hall.world, "RICE", 5)
    head, blobs = phone.pack()
    assert head["serial"] != before
    if change == "collector":
        assert family(head, blobs, hall.world.codes[0]) == rows.FamilyRow("Олена Т.", 2, "Шевченко М. П.")


def signing_key() -> Any:
    from aidtrack.distribution.models import SigningKey

    return SigningKey


@on_sqlite
def test_a_refresh_leaves_out_what_the_phone_holds(hall: Hall) -> None:
    phone = hall.phone()
    first = phone.ask(PACK)
    head, blobs = take_apart(first.data)
    hashes = {entry["name"]: entry["hash"] for entry in head["blobs"]}
    give(hall, 0)
    held = ",".join(f"{name}.{hashes[name]}" for name in ("rows", "typed", "collected"))
    smaller = phone.ask(f"{PACK}?have={held}")
    assert len(smaller.data) < len(first.data) - 3 * (rows.ROW + rows.TYPED_ROW) + 200
    head, newer = take_apart(smaller.data, kept=blobs)
    assert newer["rows"] == blobs["rows"] and newer["collected"] != blobs["collected"]
    assert [entry["name"] for entry in head["blobs"] if entry.get("kept")] == ["rows", "typed"]


@on_sqlite
def test_it_travels_compressed_where_that_is_understood(hall: Hall) -> None:
    phone = hall.phone()
    plain = phone.ask(PACK)
    squeezed = phone.ask(PACK, headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert take_apart(gzip.decompress(squeezed.data))[1] == take_apart(plain.data)[1]
    assert len(squeezed.data) < len(plain.data) / 10


def test_typed_rows_are_made_once_and_late_ones_when_asked(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = hall.phone()
    calls: list[str] = []
    real = rows.typed_secret

    def counted(code: str, salt: bytes, iterations: int) -> rows.Secret:
        calls.append(code)
        return real(code, salt, iterations)

    monkeypatch.setattr(rows, "typed_secret", counted)
    phone.pack()
    phone.pack()
    assert sorted(calls) == sorted(hall.world.typed_codes)
    with hall.app.app_context(), unit_of_work() as session:
        made.add_vouchers(session, hall.world, 2)
    head, blobs = phone.pack()
    assert head["typed"]["missing"] == 0 and len(blobs["typed"]) == 5 * rows.TYPED_ROW and len(calls) == 5


def test_many_missing_ones_do_not_keep_the_phone_waiting(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "AT_ONCE", 2)
    phone = hall.phone()
    head, blobs = phone.pack()
    assert head["typed"]["missing"] in (0, 3) and len(blobs["rows"]) == 3 * rows.ROW
    job = next(iter(hall.app.extensions["aidtrack_jobs"]._jobs.values()))
    until(lambda: job.finished, "the run's end")
    assert not job.failed and job.done == 3
    assert phone.pack()[0]["typed"]["missing"] == 0


def test_a_run_killed_in_the_middle_goes_on_and_a_second_one_at_once_is_harmless(hall: Hall) -> None:
    actor = hall.manager.actor
    with hall.app.app_context():
        assert prepared.prepare(hall.world.round_id, actor=actor, most=2) == 2
        seen: list[tuple[int, int]] = []
        assert prepared.prepare(hall.world.round_id, actor=actor, progress=lambda *at: seen.append(at)) == 1
        assert seen == [(1, 1)] and prepared.prepare(hall.world.round_id, actor=actor) == 0
        with unit_of_work() as session:
            row = session.execute(select(PackRow.voucher_id, PackRow.round_id, PackRow.typed)).first()
            assert row is not None
            again: dict[str, object] = {"voucher_id": row[0], "round_id": row[1], "typed": b"x" * 136}
            prepared._add_if_new(session, PackRow, [again])
            assert session.scalar(select(PackRow.typed).where(PackRow.voucher_id == row[0])) == row[2]
            assert session.scalar(select(func.count()).select_from(FileKey)) == 1


def test_a_supervisors_code_is_known_to_phones_of_its_site_until_it_is_withdrawn(hall: Hall) -> None:
    phone = hall.phone()
    with hall.app.app_context(), unit_of_work() as session:
        old = supervisor_codes.make_code(
            session, site_id=hall.world.site_id, actor=hall.manager.actor, now=NOW
        )
        new = supervisor_codes.make_code(
            session, site_id=hall.world.site_id, actor=hall.manager.actor, now=NOW
        )
    (one,) = phone.pack()[0]["supervisors"]
    key = supervisors.key_of(new.code, from_b64(one["salt"]), one["iterations"])
    assert one["id"] == new.id and b64(supervisors.hash_of(key)) == one["hash"]
    assert one["name"] == "Test caseworker"
    with hall.app.app_context(), unit_of_work() as session:
        found = supervisor_codes.key_of_code(session, new.id, site_id=hall.world.site_id)
        assert found is not None and found.key == key and found.user_id == hall.manager.user_id
        assert supervisors.proves(found.key, "an event", supervisors.proof(key, "an event"))
        before = supervisor_codes.key_of_code(session, old.id, site_id=hall.world.site_id)
        assert before is not None and before.withdrawn_at is not None and before.key != key
        assert supervisor_codes.key_of_code(session, new.id, site_id=hall.world.other_site_id) is None
        assert supervisor_codes.withdraw_code(
            session, site_id=hall.world.site_id, actor=hall.manager.actor, now=NOW
        )
    assert phone.pack()[0]["supervisors"] == []


def test_the_code_itself_is_kept_nowhere(hall: Hall) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        code = supervisor_codes.make_code(
            session, site_id=hall.world.site_id, actor=hall.manager.actor, now=NOW
        ).code
        from aidtrack.distribution.models import SupervisorCode

        kept = session.execute(select(SupervisorCode.__table__)).one()
    assert all(
        code.encode() not in (value if isinstance(value, bytes) else str(value).encode()) for value in kept
    )


@on_sqlite
def test_the_file_key_of_the_pack_is_the_centres_and_its_private_half_is_sealed(hall: Hall) -> None:
    head, _ = hall.phone().pack()
    with hall.app.app_context(), unit_of_work() as session:
        (own,) = private_keys(session)
        assert b64(signing.public_key_to_bytes(own.private_key.public_key())) == head["file_key"]
        assert b"PRIVATE KEY" not in session.scalars(select(FileKey.private_key)).one()


def test_reading_the_names_is_logged(hall: Hall) -> None:
    phone = hall.phone()
    phone.pack()
    with hall.app.app_context(), unit_of_work() as session:
        row = session.execute(
            select(AuditEvent.actor_label, AuditEvent.site_id, AuditEvent.facts).where(
                AuditEvent.action == "read.pack"
            )
        ).one()
    assert row == (
        hall.helper.login,
        hall.world.site_id,
        {"round": hall.world.round_id, "rows": 3, "for": "handing_out"},
    )


def test_a_phone_gets_its_own_rounds_pack_alone(hall: Hall) -> None:
    """Another round at the same place: neither its names nor its profiles."""
    phone = hall.phone()
    with hall.app.app_context(), unit_of_work() as session:
        other = another_round(session, hall)
        helper = people.add_person(session, Role.WAREHOUSE, site_ids=[hall.world.site_id])
    from tests.support import phones

    second = phones.enrolled(
        hall.app,
        user_id=helper.user_id,
        round_id=other,
        place_id=hall.world.place_id,
        actor=hall.manager.actor,
    )
    head, blobs = second.pack()
    assert head["round"]["id"] == other and blobs["rows"] == b"" and head["profiles"] == []
    assert head["device"] != phone.device
    # a signed request of the one does not fetch the other's: the header names the device
    second.device = phone.device
    assert second.ask(PACK).status_code == 401


def another_round(session: Session, hall: Hall) -> int:
    from aidtrack.distribution.models import Round, RoundState

    day = NOW.date()
    return int(
        session.execute(
            insert(Round)
            .values(
                cycle_id=hall.world.cycle_id, place_id=hall.world.place_id, code="R-OTHER", token_id=78, first_day=day,
                last_day=day, state=RoundState.OPEN, created_at=NOW, created_by="test",
            )
            .returning(Round.id)
        ).scalar_one()
    )  # fmt: skip


@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # what a pack weighs is no matter of databases
def test_a_round_of_five_thousand_is_at_most_two_megabytes(hall: Hall) -> None:
    """Counted out from 400: each voucher adds its two records and a bit, to the byte (benchmarks weigh 5 000)."""
    with hall.app.app_context(), unit_of_work() as session:
        made.add_vouchers(session, hall.world, 397)
    with hall.app.app_context():
        prepared.prepare(hall.world.round_id, actor=hall.manager.actor)
    phone = hall.phone()
    answer = phone.ask(PACK, headers={"Accept-Encoding": "gzip"})
    pack = gzip.decompress(answer.data)
    head, blobs = take_apart(pack)
    assert (len(blobs["rows"]), len(blobs["typed"])) == (400 * rows.ROW, 400 * rows.TYPED_ROW)
    rest = len(pack) - 400 * (
        rows.ROW + rows.TYPED_ROW
    )  # head and bit lists, which have room for 262 144 vouchers
    assert len(blobs["void"]) + len(blobs["collected"]) <= rest < 100_000
    assert rest + 5_000 * (rows.ROW + rows.TYPED_ROW) <= 2_000_000
    assert len(answer.data) <= len(pack)
    assert family(head, blobs, hall.world.codes[321]) == rows.FamilyRow("Олена Т.", 2)
    assert typed(head, blobs, hall.world.typed_codes[321]) is not None
    give(hall, 0)
    hashes = {entry["name"]: entry["hash"] for entry in head["blobs"]}
    refresh = phone.ask(
        f"{PACK}?have=rows.{hashes['rows']},typed.{hashes['typed']}", headers={"Accept-Encoding": "gzip"}
    )
    assert len(refresh.data) <= 10_000


def test_a_name_shown_short_is_short() -> None:
    assert building.shortened("Шевченко Марія Петрівна") == "Шевченко М. П."
    assert building.shortened(" Іван ") == "Іван"
    assert building.shortened("  ") is None and building.shortened(None) is None
