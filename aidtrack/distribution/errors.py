"""Refusals around vouchers and handouts. Each has its own code; the counter turns them into colours."""

from aidtrack.kernel.errors import N_, DomainError, NotFound


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


# -- rounds and issuing ------------------------------------------------------------------------------


class CodeTaken(DomainError):
    """Another cycle of the programme, or another round, already has this code."""

    code = "code_taken"
    status = 409
    field = "code"
    text = N_("The code “%(code)s” is already used. Choose another one.")


class DatesReversed(DomainError):
    """The last day lies before the first."""

    code = "dates_reversed"
    field = "last_day"
    text = N_("The last day lies before the first day.")


class OutsideCycle(DomainError):
    """The round's days do not lie within its cycle: serving once per cycle would mean nothing."""

    code = "outside_cycle"
    field = "first_day"
    text = N_("The round's days must lie within the cycle: %(starts_on)s to %(ends_on)s.")


class RoundOutside(DomainError):
    """The cycle's new days leave a round of it outside. Facts: the round's `code` and days."""

    code = "round_outside"
    status = 409
    field = "ends_on"
    text = N_("Round %(round)s lies outside: its days are %(first_day)s to %(last_day)s.")


class OthersRoundOutside(DomainError):
    """The same of another site's round, which is not named."""

    code = "round_outside"
    status = 409
    field = "ends_on"
    text = N_("A round of another site lies outside these days.")


class CycleIssued(DomainError):
    """Papers of this cycle are with families: what they stand on stays."""

    code = "cycle_issued"
    status = 409
    text = N_(
        "Vouchers of this cycle were already issued, so its code and first day can no longer be changed."
    )


class WrongBand(DomainError):
    """Ages of an entitlement line that contradict its basis or each other. Facts: `line`."""

    code = "wrong_age_band"
    field = "lines"
    text = N_("Line %(line)s: give the ages from and to for an age band, and for nothing else.")


class WrongPack(DomainError):
    """The pack belongs to another item. Facts: `line`."""

    code = "wrong_pack"
    field = "lines"
    text = N_("Line %(line)s: this pack belongs to another item.")


class NothingDue(DomainError):
    """A round without an entitlement set cannot be issued."""

    code = "nothing_due"
    field = "lines"
    text = N_("Say first what a family is due in this round: its list of goods is empty.")


class RoundNotPlanned(DomainError):
    """Vouchers exist, so the round's days, place and goods stand."""

    code = "round_not_planned"
    status = 409
    text = N_("Vouchers of this round were already issued, so it can no longer be changed.")


class RoundClosed(DomainError):
    """The round is closed; nothing more is issued in it."""

    code = "round_closed"
    status = 409
    text = N_("This round is closed.")


class RoundIsOver(DomainError):
    """The round's last day has passed."""

    code = "round_is_over"
    status = 409
    text = N_("The last day of this round was %(last_day)s. Nothing can be issued in it any more.")


class ShortOfStock(DomainError):
    """The plan needs more than there is, and nobody said to issue all the same. Facts: `items`."""

    code = "short_of_stock"
    status = 409
    field = "accept_shortage"
    text = N_("The stock does not cover this round. Confirm that vouchers are issued all the same.")


class AlreadyEntitled(DomainError):
    """One household is served once in a cycle."""

    code = "already_entitled"
    status = 409
    field = "registration_no"
    text = N_("This family already has a voucher in this cycle.")


class NoSuchFamily(DomainError):
    """The registration number is well formed and nobody of the round's site has it."""

    code = "no_such_family"
    status = 404
    field = "registration_no"
    text = N_("No family of this site has this registration number.")


class NotEligible(DomainError):
    """The household has no standing mark for the programme."""

    code = "not_eligible"
    status = 409
    field = "registration_no"
    text = N_("This family is not marked as eligible for the programme.")


class ProxyNotAllowed(DomainError):
    """The programme's rule lets nobody but the family collect."""

    code = "proxy_not_allowed"
    status = 409
    field = "collector"
    text = N_("In this programme only the family itself may collect, not another person.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    field = "reason"
    text = N_("Give a reason.")


class TooManyProfiles(DomainError):
    """The voucher's profile number has two bytes."""

    code = "too_many_profiles"
    status = 409
    text = N_("This round has more different sets of goods than a voucher can name.")


class QuantityRaised(DomainError):
    """At the counter a quantity can only go down. Facts: `item`, `due` in base units."""

    code = "quantity_raised"
    field = "quantities"
    text = N_("A quantity can only be lowered, never raised above what is due.")


class UnknownItem(DomainError):
    code = "unknown_item"
    field = "quantities"
    text = N_("This voucher does not include that item.")


class NothingHandedOut(DomainError):
    code = "nothing_handed_out"
    field = "quantities"
    text = N_("Nothing would be handed out. Leave the voucher open instead.")


class ReasonNeeded(DomainError):
    code = "reason_needed"
    field = "reason"
    text = N_("Say why less is handed out than is due.")


class UndoTooLate(DomainError):
    """Facts: `minutes`, how long undoing is simple."""

    code = "undo_too_late"
    status = 403
    text = N_("A handout can be undone here for %(minutes)s minutes. Ask a supervisor to correct it.")


class Collision(DomainError):
    """Two requests met in the database and the other one won; nothing was changed by this one."""

    code = "collision"
    status = 409
    text = N_("Someone did the same at this very moment. Scan again to see the result.")


class NoSuchKey(NotFound):
    """Facts: `key_id`."""

    code = "no_such_key"
    text = N_("There is no signing key %(key_id)s.")


class KeyWithdrawn(DomainError):
    """Facts: `key_id`."""

    code = "key_withdrawn"
    status = 409
    text = N_("Signing key %(key_id)s was withdrawn before.")
