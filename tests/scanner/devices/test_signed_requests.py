"""Only an enrolled phone that signs, with a fair clock, of a person who may hand out, is let in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, event, func, select, update

from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.audit.models import AuditEvent
from aidtrack.db import db, unit_of_work
from aidtrack.db.prepared import Prepared
from aidtrack.distribution.models import Device
from aidtrack.distribution.phones.encoding import b64
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.scanner.devices import queries, services, signed
from aidtrack.scanner.devices.commands import Heard, RevokePhone
from tests.scanner.devices.conftest import Hall
from tests.support import people
from tests.support.kinds import on_sqlite
from tests.support.phones import Phone

PACK, EVENTS, STATUS = "/sync/v1/pack", "/sync/v1/events", "/sync/v1/status"


def refusal(phone: Phone, **changes: str) -> tuple[int, str]:
    answer = phone.ask(PACK, headers=changes or None)
    return answer.status_code, answer.get_json()["code"]


def revoke(hall: Hall, phone: Phone) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        number = session.scalars(select(Device.id).where(Device.public_id == phone.device)).one()
        services.revoke(
            session, RevokePhone(number, "Загублено"), actor=hall.manager.actor, now=datetime.now(UTC)
        )


def test_a_signed_request_is_let_in(hall: Hall) -> None:
    assert hall.phone().ask(PACK).status_code == 200


@on_sqlite
def test_a_stranger_is_not(hall: Hall) -> None:
    phone = hall.phone()
    assert refusal(phone, Authorization="") == (401, "unknown_device")
    assert refusal(phone, Authorization="Bearer x") == (401, "unknown_device")
    other = Phone(hall.app, device=phone.device)  # knows the name of a device, not its key
    assert refusal(other) == (401, "bad_signature")
    phone.device = "00000000-0000-4000-8000-000000000000"
    assert refusal(phone) == (401, "unknown_device")
    assert phone.ask(PACK).headers["WWW-Authenticate"] == "Aidtrack-Device"


@on_sqlite
def test_a_signature_is_for_one_method_path_and_body(hall: Hall) -> None:
    phone = hall.phone()
    assert refusal(phone, Authorization=phone.header("POST", PACK)) == (401, "bad_signature")
    assert refusal(phone, Authorization=phone.header("GET", "/sync/v1/other")) == (401, "bad_signature")
    assert refusal(phone, Authorization=phone.header("GET", PACK, b"x")) == (401, "bad_signature")
    query = f"{PACK}?have=abc"
    assert phone.ask(query).status_code == 200
    assert phone.ask(query, headers={"Authorization": phone.header("GET", PACK)}).status_code == 401


@on_sqlite
@pytest.mark.parametrize("minutes", [-11, 11, 60 * 24 * 30, -60 * 24 * 30])
def test_a_clock_that_is_off_is_told_the_time(hall: Hall, minutes: int) -> None:
    phone = hall.phone()
    phone.ahead = timedelta(minutes=minutes)
    answer = phone.ask(PACK)
    said = answer.get_json()
    assert (answer.status_code, said["code"]) == (401, "clock")
    now = datetime.fromisoformat(said["facts"]["server_time"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    phone.ahead = timedelta(minutes=9 if minutes > 0 else -9)
    assert phone.ask(PACK).status_code == 200


def test_revoked_means_refused_at_the_next_request(hall: Hall) -> None:
    phone = hall.phone()
    assert phone.ask(PACK).status_code == 200
    revoke(hall, phone)
    assert refusal(phone) == (403, "device_revoked")
    # whoever cannot sign is not told that the phone was revoked
    assert refusal(Phone(hall.app, device=phone.device)) == (401, "bad_signature")


def test_a_revocation_counts_at_once_in_every_process_of_the_server(hall: Hall) -> None:
    """Committed past this process, as another worker's commit is: nothing of ours was told of it."""
    phone = hall.phone()
    assert phone.ask(STATUS).get_json()["revoked"] is False
    assert phone.ask(PACK).status_code == 200  # and whatever one remembers is remembered now
    revoke_in_another_process(hall, phone)
    for path, method, body in ((STATUS, "GET", b""), (PACK, "GET", b""), (EVENTS, "POST", b'{"events": []}')):
        answer = phone.ask(path, method=method, body=body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "device_revoked"), path


def revoke_in_another_process(hall: Hall, phone: Phone) -> None:
    with hall.app.app_context():
        url = db.engine.url
    other = create_engine(url)  # no session, unit or service of ours
    with other.begin() as connection:
        connection.execute(
            update(Device)
            .where(Device.public_id == phone.device)
            .values(revoked_at=datetime.now(UTC), revoke_reason="lost")
        )
    other.dispose()


def test_a_phone_asks_for_its_state_with_one_question_that_leaves_no_trace(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may ask each second."""
    phone, asked, run = hall.phone(), [], Prepared._asked
    before = traces(hall)

    def noted(self: Prepared, *rest: Any) -> Any:
        asked.append(self)
        return run(self, *rest)

    monkeypatch.setattr(Prepared, "_asked", noted)
    with hall.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    answer = phone.ask(STATUS)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert asked == [queries._PRESENT]
    now = datetime.fromisoformat(answer.get_json()["server_time"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    monkeypatch.undo()
    assert traces(hall) == before


def traces(hall: Hall) -> tuple[object, ...]:
    with hall.app.app_context(), unit_of_work() as session:
        rows = session.scalar(select(func.count()).select_from(AuditEvent))
        device = session.scalars(select(Device)).one()
        return rows, device.last_seen_at, device.unsent_reported


def test_a_deactivated_person_or_one_of_another_site_or_role_is_refused_at_once(hall: Hall) -> None:
    def change(statement: object) -> tuple[int, str]:
        with hall.app.app_context(), unit_of_work() as session:
            session.execute(statement)  # type: ignore[call-overload]
        return refusal(phone)

    phone, mine = hall.phone(), UserAccount.id == hall.helper.user_id
    assert change(update(UserAccount).where(mine).values(deactivated_at=datetime.now(UTC))) == (
        403, "person_deactivated",
    )  # fmt: skip
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(UserAccount).where(mine).values(deactivated_at=None))
    assert phone.ask(PACK).status_code == 200
    assert change(update(UserAccount).where(mine).values(role=Role.REVIEWER)) == (403, "person_deactivated")
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(UserAccount).where(mine).values(role=Role.WAREHOUSE))
    assert phone.ask(PACK).status_code == 200
    assert change(delete(UserSite).where(UserSite.user_id == hall.helper.user_id)) == (
        403, "person_deactivated",
    )  # fmt: skip


@on_sqlite
def test_a_forgotten_check_of_revocation_would_be_found(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what was once read of a device is believed for ever."""
    phone, read = hall.phone(), queries.present_device
    known: dict[str, queries.PresentDevice | None] = {}

    def remembered(session: object, public_id: str) -> queries.PresentDevice | None:
        if public_id not in known:
            known[public_id] = read(session, public_id)  # type: ignore[arg-type]
        return known[public_id]

    monkeypatch.setattr(signed, "present_device", remembered)
    assert phone.ask(PACK).status_code == 200
    revoke(hall, phone)
    assert phone.ask(PACK).status_code == 200  # the bug lets it in
    monkeypatch.undo()
    assert refusal(phone) == (403, "device_revoked")


def test_the_phone_acts_as_its_person_at_its_site_for_handing_out_alone(hall: Hall) -> None:
    phone = hall.phone()
    seen: list[Actor] = []
    with hall.app.app_context(), unit_of_work() as session:
        elsewhere = people.add_site(session, "ZH")
        session.add(UserSite(user_id=hall.helper.user_id, site_id=elsewhere))
    with hall.app.test_request_context(PACK, headers={"Authorization": phone.header("GET", PACK)}):
        seen.append(signed.load_device_actor())
    actor = seen[0]
    assert (actor.label, actor.user_id) == (hall.helper.login, hall.helper.user_id)
    assert actor.site_ids == {hall.world.site_id}
    assert actor.permissions == {Permission.HANDOUT_GIVE, Permission.VOUCHER_SCAN}


@on_sqlite
def test_a_managers_cookie_opens_nothing_here_and_a_phones_key_opens_no_page(hall: Hall) -> None:
    client = people.sign_in(hall.app, hall.manager)
    assert client.get(PACK).status_code == 401
    phone = hall.phone()
    page = phone.ask("/rounds")
    assert page.status_code == 303 and str(page.location).startswith("/sign-in")
    assert phone.ask("/api/v1/handouts/00000000-0000-4000-8000-000000000000").status_code == 401


def test_what_a_phone_says_of_itself_is_remembered(hall: Hall) -> None:
    phone = hall.phone()
    now = datetime.now(UTC)

    def say(said: Heard) -> Device:
        with hall.app.app_context(), unit_of_work() as session:
            number = session.scalars(select(Device.id).where(Device.public_id == phone.device)).one()
            services.heard(session, number, said, now=now)
        with hall.app.app_context(), unit_of_work() as session:
            return session.scalars(select(Device)).one()

    first = say(Heard(app="0.3.0", unsent=4, oldest=now - timedelta(hours=2), last_seq=17))
    assert (first.app_version, first.unsent_reported, first.last_seq_reported) == ("0.3.0", 4, 17)
    later = say(Heard(unsent=0, oldest=now))
    assert (later.app_version, later.unsent_reported, later.unsent_oldest_at) == ("0.3.0", 0, None)


@on_sqlite
def test_a_header_with_rubbish_is_refused_and_never_fails(hall: Hall) -> None:
    phone = hall.phone()
    whole = phone.header("GET", PACK)
    for rubbish in (
        whole[:-1],
        whole + "A",
        whole.replace(".", ".."),
        f"Aidtrack-Device {phone.device}.99999999999999999999.{b64(b'r' * 16)}.{b64(b's' * 64)}",
        f"Aidtrack-Device {phone.device}.1.{b64(b'r' * 16)}.{b64(bytes(64))}",
        "Aidtrack-Device ....",
        "Aidtrack-Device " + "A" * 5000,
    ):
        answer = phone.ask(PACK, headers={"Authorization": rubbish})
        assert answer.status_code == 401, rubbish
