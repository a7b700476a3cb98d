"""Enrolling a phone: one code, one phone, one quarter of an hour."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from aidtrack.accounts.models import UserAccount
from aidtrack.audit.models import AuditEvent
from aidtrack.db import unit_of_work
from aidtrack.distribution.models import Device, DeviceInvitation, Round, RoundState
from aidtrack.inventory.models import Place, PlaceKind
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import Forbidden, NotFound
from aidtrack.scanner.devices import services
from aidtrack.scanner.devices.commands import InvitePhone
from aidtrack.scanner.devices.errors import CannotHandOut, PlaceOfAnotherSite, RoundIsClosed
from tests.scanner.devices.conftest import Hall
from tests.support import people
from tests.support.kinds import on_sqlite
from tests.support.phones import Phone

NOW = datetime.now(UTC)


def test_a_phone_becomes_a_device_of_the_person_place_and_round(hall: Hall) -> None:
    phone = Phone(hall.app)
    answer = phone.enrol(hall.invite())
    said = answer.get_json()
    assert answer.status_code == 201
    assert (said["place"]["id"], said["round"]["id"]) == (hall.world.place_id, hall.world.round_id)
    assert said["person"] == "Test warehouse" and said["server_time"].endswith("Z")
    with hall.app.app_context(), unit_of_work() as session:
        device = session.scalars(select(Device)).one()
        assert (device.public_id, device.user_id, bytes(device.public_key)) == (
            phone.device, hall.helper.user_id, phone.point,
        )  # fmt: skip
        assert device.enrolled_by == hall.manager.login and device.label == "Тестовий телефон"
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("device.%"))).all()
    assert acts == ["device.invite", "device.enrol"]


@on_sqlite
def test_the_code_is_kept_as_a_hash(hall: Hall) -> None:
    token = hall.invite()
    with hall.app.app_context(), unit_of_work() as session:
        kept = bytes(session.scalars(select(DeviceInvitation.token_hash)).one())
    assert len(token) == 32 and kept != token


def test_a_used_code_enrols_no_second_phone_and_answers_the_first_one_again(hall: Hall) -> None:
    token = hall.invite()
    phone, other = Phone(hall.app), Phone(hall.app)
    first = phone.enrol(token).get_json()["device"]
    again = phone.enrol(token)  # its answer was lost
    assert (again.status_code, again.get_json()["device"]) == (201, first)
    refused = other.enrol(token)
    assert (refused.status_code, refused.get_json()["code"]) == (410, "invitation_used")


def test_an_old_a_replaced_and_a_made_up_code_are_told_apart_and_refused(hall: Hall) -> None:
    old = hall.invite()
    newer = hall.invite()
    answer = Phone(hall.app).enrol(old)
    assert (answer.status_code, answer.get_json()["code"]) == (410, "invitation_expired")
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(DeviceInvitation).values(expires_at=NOW - timedelta(seconds=1)))
    answer = Phone(hall.app).enrol(newer)
    assert (answer.status_code, answer.get_json()["code"]) == (410, "invitation_expired")
    answer = Phone(hall.app).enrol(b"x" * 32)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_invitation")
    with hall.app.app_context(), unit_of_work() as session:
        assert session.scalars(select(Device)).all() == []


@on_sqlite
def test_what_is_no_key_is_refused(hall: Hall) -> None:
    token = hall.invite()
    for changes in (
        {"public_key": "AAAA"},
        {"public_key": "=/+"},
        {"public_key": "BA" + "A" * 85},
        {"invitation": "ї"},
    ):
        assert Phone(hall.app).enrol(token, **changes).status_code == 422, changes
    assert Phone(hall.app).enrol(token).status_code == 201


def test_guessing_is_slowed_down_and_right_codes_are_not_counted(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "WRONG_TRIES", 3)
    for _ in range(4):
        assert Phone(hall.app).enrol(hall.invite()).status_code == 201
    answers = [Phone(hall.app).enrol(b"x" * 32).status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]
    assert Phone(hall.app).enrol(hall.invite()).status_code == 429


def test_between_showing_and_scanning_things_may_change(hall: Hall) -> None:
    token = hall.invite()
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(
            update(UserAccount).where(UserAccount.id == hall.helper.user_id).values(deactivated_at=NOW)
        )
    answer = Phone(hall.app).enrol(token)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "cannot_hand_out")


@on_sqlite
def test_only_who_may_hand_out_at_the_rounds_site_gets_a_phone(hall: Hall) -> None:
    with hall.app.app_context(), unit_of_work() as session:
        elsewhere = people.add_site(session, "ZH")
        stranger = people.add_person(session, Role.WAREHOUSE, site_ids=[elsewhere])
        caseworker = people.add_person(session, Role.CASEWORKER, site_ids=[hall.world.site_id])
        other_manager = people.add_person(session, Role.CASEWORKER, site_ids=[elsewhere])
        far = Place(code="FAR", kind=PlaceKind.POINT, site_id=elsewhere, name_uk="Далеко", name_en="Far")
        session.add(far)
        session.flush()
        far_away = far.id
    place, round_id = hall.world.place_id, hall.world.round_id

    def invite(user_id: int, place_id: int, by: people.Somebody) -> None:
        with hall.app.app_context(), unit_of_work() as session:
            command = InvitePhone(user_id, round_id, place_id)
            services.invite(session, command, actor=by.actor, now=NOW)

    for user_id in (stranger.user_id, caseworker.user_id, 987_654):
        with pytest.raises(CannotHandOut):
            invite(user_id, place, hall.manager)
    for place_id in (far_away, 987_654):
        with pytest.raises(PlaceOfAnotherSite):
            invite(hall.helper.user_id, place_id, hall.manager)
    with pytest.raises(NotFound):  # another site's manager sees no such round
        invite(hall.helper.user_id, place, other_manager)
    with pytest.raises(Forbidden):
        invite(hall.helper.user_id, place, hall.helper)
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(Round).values(state=RoundState.CLOSED))
    with pytest.raises(RoundIsClosed):
        invite(hall.helper.user_id, place, hall.manager)


@on_sqlite
def test_what_a_phone_calls_itself_is_one_short_line(hall: Hall) -> None:
    Phone(hall.app).enrol(hall.invite(), name="Моя\n\u202eмашина " * 12)
    with hall.app.app_context(), unit_of_work() as session:
        label = session.scalars(select(Device.label)).one()
    assert label.startswith("Моя машина") and len(label) <= 80 and "\n" not in label


@on_sqlite
def test_two_phones_of_one_person_are_two_devices(hall: Hall) -> None:
    assert hall.phone().device != hall.phone().device


def test_two_phones_scan_the_same_code_at_the_same_moment_and_one_is_enrolled(hall: Hall) -> None:
    token = hall.invite()
    phones = [Phone(hall.app) for _ in range(4)]
    with ThreadPoolExecutor(len(phones)) as pool:
        answers = sorted(pool.map(lambda phone: phone.enrol(token).status_code, phones))
    assert answers == [201, 410, 410, 410]


def test_phones_that_ask_for_the_first_pack_together_all_get_it(hall: Hall) -> None:
    phones = [hall.phone() for _ in range(4)]
    with ThreadPoolExecutor(len(phones)) as pool:
        heads = [head for head, _ in pool.map(lambda phone: phone.pack(), phones)]
    assert len({head["typed"]["salt"] for head in heads}) == 1
    assert len({head["device"] for head in heads}) == 4
