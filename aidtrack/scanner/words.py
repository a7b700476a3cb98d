"""The sentences that the counter's script shows by itself; all others come in answers or stand in the page."""

from flask_babel import gettext as _


def for_script() -> dict[str, str]:
    """By name, already in the person's language. The page carries them as an attribute of its root."""
    return {
        "ready": _("Ready for the next voucher"),
        "ready_text": _("Scan it with the camera or the scanner, or type the code."),
        "looking": _("Looking up…"),
        "giving": _("Recording…"),
        "undoing": _("Taking back…"),
        "give": _("Hand out"),
        "give_less": _("Hand out less"),
        "again": _("Press again"),
        "scan_lost": _("No connection"),
        "scan_lost_text": _("The voucher was not looked up. Press again when the connection is back."),
        "unsure": _("Not confirmed yet"),
        "unsure_text": _(
            "No connection, nothing lost: press again. It is recorded once, however often you press."
        ),
        "server_down": _("The server does not answer"),
        "signed_out": _("Your session has ended"),
        "signed_out_text": _(
            "Sign in again, then scan the voucher once more: if it was recorded, the page will say so."
        ),
        "reload": _("This page is out of date"),
        "reload_text": _("Load it again, then scan the voucher once more."),
        "reason_missing": _("Choose why less is handed out."),
        "nothing_left": _("Nothing would be handed out. Raise a quantity or leave the voucher open."),
        "undo_reason_missing": _("Choose why it is taken back."),
        "done": _("Handed out"),
        "done_partly": _("Handed out in part"),
        "done_text": _("Recorded. The next voucher can be scanned."),
        "undone": _("Handout taken back"),
        "not_done": _("Not done"),
        "undone_text": _("The goods are back in stock and the voucher is open again."),
        "given_of": _("%(given)s of %(due)s"),
        "in_part": _("in part"),
        "taken_back": _("taken back"),
        "camera_refused": _(
            "The camera was not allowed. Allow it in the browser's address bar, or type the code."
        ),
        "camera_missing": _("There is no camera here. Use a scanner or type the code."),
        "camera_unsafe": _(
            "The browser gives the camera only to pages opened over HTTPS or on the same computer."
        ),
        "camera_failed": _("The camera did not start. Close other programs that use it and try again."),
        "camera_name": _("Camera %(number)s"),
        "too_short": _("Type the code that stands under the QR code."),
    }
