"""Why a phone or the person enrolling it is refused."""

from aidtrack.kernel.errors import N_, DomainError


class UnknownDevice(DomainError):
    """No such phone, or no signature at all."""

    code = "unknown_device"
    status = 401
    text = N_("This phone is not enrolled here.")


class WrongDeviceSignature(DomainError):
    """The request was not signed by the phone it names."""

    code = "bad_signature"
    status = 401
    text = N_("The request was not signed by this phone.")


class ClockOff(DomainError):
    """The phone's clock is too far off to tell an old request from a new one. Facts: `server_time`."""

    code = "clock"
    status = 401
    text = N_("The phone's clock is wrong. It is %(server_time)s now.")


class DeviceRevoked(DomainError):
    """Somebody said this phone is no longer to be trusted."""

    code = "device_revoked"
    status = 403
    text = N_("This phone was revoked. Nothing on it is lost: ask whoever runs the round.")


class PersonDeactivated(DomainError):
    """The phone's person may no longer hand out at its site."""

    code = "person_deactivated"
    status = 403
    text = N_("The person of this phone may no longer hand out here. Ask whoever runs the round.")


class UnknownInvitation(DomainError):
    """The code to enrol with was never shown here."""

    code = "unknown_invitation"
    status = 404
    text = N_("This code to enrol a phone is not known here. Scan a new one.")


class InvitationUsed(DomainError):
    """One code enrols one phone."""

    code = "invitation_used"
    status = 410
    text = N_("Another phone was enrolled with this code. Scan a new one.")


class InvitationExpired(DomainError):
    """Too much time passed, or a newer code was shown."""

    code = "invitation_expired"
    status = 410
    text = N_("This code is too old. Scan a new one.")


class TooManyInvitationTries(DomainError):
    """Somebody is guessing, or holds a wrong code before the camera."""

    code = "too_many_attempts"
    status = 429
    text = N_("Too many wrong codes. Wait a quarter of an hour.")


class CannotHandOut(DomainError):
    """The person chosen has no right to hand out at the round's site."""

    code = "cannot_hand_out"
    field = "user_id"
    text = N_("This person may not hand out at this site.")


class PlaceOfAnotherSite(DomainError):
    """Goods of one site are not handed out for a round of another; a missing place answers alike."""

    code = "place_of_another_site"
    field = "place_id"
    text = N_("This place is not one of the round's site.")


class RoundIsClosed(DomainError):
    """A closed round needs no phones."""

    code = "round_closed"
    field = "round_id"
    text = N_("This round is closed.")


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    text = N_("This phone was revoked already.")


class NotAnEventFile(DomainError):
    """Not a file of unsent events, not for this centre, or not whole."""

    code = "not_an_event_file"
    field = "file"
    text = N_("This is not a file of unsent handouts for this centre, or it is not whole.")


class PhoneOfNoneHere(DomainError):
    """The file is whole, and its phone is not one of the actor's sites."""

    code = "phone_of_none_here"
    field = "file"
    text = N_("This file is from a phone that is not one of your site's.")
