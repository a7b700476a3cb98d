"""Refusals around vouchers and handouts. Each has its own code; the counter turns them into colours."""

from aidtrack.kernel.errors import N_, DomainError


class VoucherRefused(DomainError):
    """The goods are not handed out on this voucher."""

    code = "voucher_refused"
    status = 409
    field = "voucher"
    text = N_("This voucher cannot be used.")


class NotAVoucher(VoucherRefused):
    """Something else was scanned: a link, a product, another QR code."""

    code = "not_a_voucher"
    status = 422
    text = N_("This is not a voucher code.")


class DamagedVoucher(VoucherRefused):
    code = "damaged_voucher"
    status = 422
    text = N_("This voucher code is incomplete or damaged. Scan it again or type the short code under it.")


class ForeignVoucher(VoucherRefused):
    """Made by another deployment of this product."""

    code = "foreign_voucher"
    text = N_("This voucher was issued by another centre and cannot be used here.")


class UnknownKey(VoucherRefused):
    """It names a signing key this deployment does not have."""

    code = "unknown_key"
    text = N_("This voucher is signed with a key that is not known here.")


class BadSignature(VoucherRefused):
    code = "bad_signature"
    text = N_("This voucher code is not genuine or was read with a mistake. Scan it again.")


class UnknownVoucher(VoucherRefused):
    code = "unknown_voucher"
    status = 404
    text = N_("There is no such voucher here.")


class VoidVoucher(VoucherRefused):
    code = "void_voucher"
    text = N_("This voucher was withdrawn. If it was reprinted, ask for the new one.")


class ExpiredVoucher(VoucherRefused):
    """Facts: `last_day`, ISO date."""

    code = "expired_voucher"
    text = N_("This voucher was good until %(last_day)s.")


class NotYetValid(VoucherRefused):
    """Facts: `first_day`, ISO date."""

    code = "not_yet_valid"
    text = N_("This voucher is good from %(first_day)s.")


class WrongPlace(VoucherRefused):
    """Facts: `place`, where it can be collected."""

    code = "wrong_place"
    text = N_("This voucher is to be collected at another place: %(place)s.")


class AlreadyCollected(VoucherRefused):
    """A regular handout on this voucher exists. Facts: `at` (ISO moment, UTC), `place`."""

    code = "already_collected"
    text = N_("Already collected: %(at)s, %(place)s.")


class NotIssued(VoucherRefused):
    """The voucher is planned and was never printed, so nobody can hold it."""

    code = "voucher_not_issued"
    text = N_("This voucher is planned but was not issued yet.")


class NotPossibleNow(VoucherRefused):
    """The voucher's state does not allow the step. Facts: `state`, `event`."""

    code = "voucher_state"
    text = N_("The state of this voucher does not allow that.")


class EmptyHousehold(DomainError):
    """Nobody of the household is present on the day, so nothing is due."""

    code = "empty_household"
    text = N_("Nobody of this family is present on that day, so nothing is due.")
