"""Who signed this request: the `Authorization: Aidtrack-Device` header, judged against the database each time.

A route says `@enrolled_phone` (aidtrack.web); the access rule calls `load_device_actor` before the view runs.
"""

from flask import request

from aidtrack.db import read_session
from aidtrack.distribution.phones.signatures import CLOCK_SKEW_MS, Signed, is_signed
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices.errors import (
    ClockOff,
    DeviceRevoked,
    PersonDeactivated,
    UnknownDevice,
    WrongDeviceSignature,
)
from aidtrack.scanner.devices.moments import as_text, milliseconds
from aidtrack.scanner.devices.queries import PresentDevice, may_hand_out, present_device
from aidtrack.web.access import of_this_request

DEVICE = "device"
HANDING_OUT = frozenset({Permission.HANDOUT_GIVE, Permission.VOUCHER_SCAN})


def load_device_actor() -> Actor:
    """The phone's person, at the phone's site, with nothing but what handing out needs.

    A stranger learns nothing of a phone: who cannot sign is told so before anything else is judged.

    Raises:
        UnknownDevice, WrongDeviceSignature, ClockOff, DeviceRevoked, PersonDeactivated.
    """
    signed = Signed.of(request.headers.get("Authorization", ""))
    device = present_device(read_session(), signed.device) if signed is not None else None
    if signed is None or device is None:
        raise UnknownDevice
    text = signed.text(request.method, path_as_sent(), request.get_data(cache=True))
    if not is_signed(device.public_key, signed.signature, text):
        raise WrongDeviceSignature
    now = utc_now()
    if abs(milliseconds(now) - signed.milliseconds) > CLOCK_SKEW_MS:
        raise ClockOff(server_time=as_text(now))
    if device.revoked:
        raise DeviceRevoked
    if not device.person_active or not may_hand_out(device.role):
        raise PersonDeactivated
    of_this_request()[DEVICE] = device
    return actor_of(device)


def path_as_sent() -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path


def actor_of(device: PresentDevice) -> Actor:
    return Actor(
        label=device.login,
        role=device.role,
        site_ids=frozenset({device.site_id}),
        user_id=device.user_id,
        language=device.language,
        permissions=PERMISSIONS[device.role] & HANDING_OUT,
    )


def current_device() -> PresentDevice:
    """The phone that signed this request; only in a view marked `@enrolled_phone`."""
    device: PresentDevice = of_this_request()[DEVICE]
    return device
