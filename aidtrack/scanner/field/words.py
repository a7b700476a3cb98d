"""What the phone's page says by itself, in both languages without asking the server.

Titles and sentences of refusals are those of the counter with a network, by the same codes; only what a phone
alone can meet has words of its own here. Outcomes never speak of fraud: most extras are innocent.
"""

from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.distribution import errors
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import BadCheckCharacter, NotACode
from aidtrack.scanner import answers, words
from aidtrack.scanner.devices.errors import DeviceRevoked, PersonDeactivated

# Refusals whose sentence on the phone is the server's.
SHARED: tuple[type[DomainError], ...] = (
    NotACode,
    BadCheckCharacter,
    errors.NotAVoucher,
    errors.DamagedVoucher,
    errors.ForeignVoucher,
    errors.UnknownKey,
    errors.BadSignature,
    errors.VoidVoucher,
    errors.ExpiredVoucher,
    errors.NotYetValid,
    errors.QuantityRaised,
    errors.NothingHandedOut,
    errors.ReasonNeeded,
    errors.UndoTooLate,
    DeviceRevoked,
    PersonDeactivated,
)


def for_script() -> dict[str, str]:
    """By name: `title_…` and `text_…` by a refusal's code, `outcome_…`, `trouble_…`, and the page's own."""
    return {
        **words.for_script(),
        **{f"title_{code}": text for code, text in answers.titles().items()},
        **{f"text_{error.code}": _(error.text) for error in SHARED},
        **_refusals(),
        **_stage(),
        **_outcomes(),
        **_troubles(),
        **_stopped(),
        **_strip(),
        **_enrolment(),
        **_persons(),
    }


def _refusals() -> dict[str, str]:
    return {
        "title_ready": _("Voucher is good"),
        "title_other": _("Not done"),
        "text_other": _("This cannot be done."),
        "text_unknown_voucher": _(
            "This voucher is not in the data of this phone. Fetch new data when there is a network; or call a supervisor."
        ),
        "text_already_collected": _("Handed out on this phone: %(at)s."),
        "text_already_collected_elsewhere": _(
            "By the data of %(at)s the goods were collected before. If the family says otherwise, call a supervisor."
        ),
        "text_not_enough_stock": _(
            "The goods marked below are missing at this place. Hand out less with a reason, or send for more."
        ),
        "title_not_this_round": _("Not this round"),
        "text_not_this_round": _("This voucher belongs to another round. Look at the dates printed on it."),
        "title_no_pack": _("No data yet"),
        "text_no_pack": _(
            "This phone has no data of the round yet. Go where there is a network and press “Refresh”."
        ),
        "title_pack_too_old": _("The data is too old"),
        "text_pack_too_old": _(
            "It may no longer open vouchers. Go where there is a network and press “Refresh”. What was handed out is safe and is still sent."
        ),
        "text_turned_back": _(
            "The phone's clock was set back while this page was closed, so nobody can tell how old its data is. It opens vouchers for 12 hours of use at most. Set date and time, and press “Refresh” where there is a network."
        ),
        "title_wrong_place": _("Another place"),
        "text_wrong_place": _(
            "The data on this phone is for another place. Press “Refresh” where there is a network."
        ),
        "title_not_enrolled": _("This phone is not set up"),
        "text_not_enrolled": _("Scan the code on the manager's screen."),
        "text_signature_needed": _("A signature is needed here."),
        "title_wrong_supervisor_code": _("Wrong supervisor's code"),
        "text_wrong_supervisor_code": _("The code is not this supervisor's. Ask them to type it again."),
        "title_storage_full": _("The phone is full"),
        "text_storage_full": _(
            "Nothing was recorded: do not hand out yet. Delete something on the phone, then scan again."
        ),
        "title_storage_gone": _("The phone cannot record"),
        "text_storage_gone": _(
            "Nothing was recorded: do not hand out. The browser does not let this page keep anything. Close other windows of this page, leave private mode, then load it again."
        ),
        "text_invalid_value": _("This cannot be done."),
        "text_collision": _("Someone did the same at this very moment. Scan again to see the result."),
    }


def _stage() -> dict[str, str]:
    """States that read otherwise where the phone itself records."""
    return {
        "done": _("Recorded on this phone"),
        "done_partly": _("Recorded in part on this phone"),
        "done_text": _("It stays here until the centre has it. The next voucher can be scanned."),
        "undone_text": _("The goods count as here again, and the voucher is open on this phone."),
        "no_name": _("Name not on this phone"),
        "no_name_text": _("Issued after this phone's data: compare the name on the paper."),
        "no_voucher": _("Family without a voucher"),
        "no_voucher_text": _("Allowed by %(name)s. It is looked at afterwards."),
        "lot": _("%(lot)s, %(donor)s, good until %(day)s"),
        "lot_undated": _("%(lot)s, %(donor)s"),
        "collected_again": _("Take back…"),
        "ink_empty": _("Sign in the box with a finger first."),
        "family_missing": _("Write down what the family says: a name or the number on its paper."),
        "code_missing": _("The supervisor types their code."),
        "supervisor_missing": _("Choose the supervisor."),
        "goods_missing": _("Choose what the family receives."),
        "why_missing": _("Choose why there is no voucher."),
        "no_supervisors": _(
            "No supervisor has a code for this round. Ask whoever runs it, then press “Refresh”."
        ),
    }


def _outcomes() -> dict[str, str]:
    """What the centre said of a handout. Everything but the first lines is for a supervisor, not for the family."""
    return {
        "outcome_none": _("on this phone"),
        "outcome_recorded": _("received by the centre"),
        "outcome_extra": _("collected elsewhere too"),
        "outcome_late": _("after the last day"),
        "outcome_withdrawn": _("voucher was withdrawn"),
        "outcome_count_needed": _("count needed"),
        "outcome_kept": _("a person will read it"),
        "outcome_undone": _("taken back"),
        "note_recorded": _("The centre has it."),
        "note_extra": _(
            "The centre has it. Goods on this voucher were collected elsewhere too; often a relative came with the same paper. A supervisor looks at it; nothing is asked of the family."
        ),
        "note_late": _("The centre has it. It was after the voucher's last day; a supervisor looks at it."),
        "note_withdrawn": _(
            "The centre has it. The voucher had been withdrawn, often because a new one was printed; a supervisor looks at it."
        ),
        "note_count_needed": _(
            "The centre has it. By its books there was less here than was handed out: count the goods when there is time."
        ),
        "note_kept": _("The centre has it. A person will read it before it counts."),
        "note_undone": _("The centre has it, and that it was taken back."),
    }


def _troubles() -> dict[str, str]:
    return {
        "trouble_no_answer": _("The centre does not answer. Everything is kept and sent later by itself."),
        "trouble_clock": _("The phone's clock is far off. Set date and time; everything is kept."),
        "trouble_unknown_device": _(
            "The centre does not know this phone. Everything is kept: save the unsent handouts as a file and give it to a supervisor, then set the phone up again."
        ),
        "trouble_bad_signature": _(
            "The centre does not accept this phone's signature. Everything is kept: save the unsent handouts as a file and give it to a supervisor."
        ),
        "trouble_device_revoked": _(
            "This phone was withdrawn from handing out. Stop handing out and call whoever runs the round. Everything is kept: save the unsent handouts as a file and give it to a supervisor."
        ),
        "trouble_person_deactivated": _(
            "Your account may no longer hand out. Stop handing out and call whoever runs the round. Everything is kept: save the unsent handouts as a file and give it to a supervisor."
        ),
        "trouble_too_large": _(
            "One handout is too large to be sent. Save it as a file and give it to a supervisor."
        ),
        "trouble_refused": _(
            "The centre refused the sending. Everything is kept; tell whoever runs the round."
        ),
        "trouble_pack_unreadable": _("The data that came was not whole. It is fetched again."),
        "trouble_newer_pack": _(
            "The centre's data is of a newer kind than this page. Take the newer page that is offered; what was handed out is sent all the same."
        ),
        "trouble_storage_full": _(
            "The phone is full. Delete something on it: new handouts could not be recorded."
        ),
        "trouble_storage_gone": _(
            "The browser does not let this page keep anything. Leave private mode, then load the page again."
        ),
        "trouble_wiped": _(
            "The browser has deleted what this page kept. Handouts that were sent are safe at the centre; those not sent yet are gone: write down what you remember. Set the phone up again, put the page on the home screen."
        ),
    }


def _stopped() -> dict[str, str]:
    """A phone that heard it is not to hand out any more opens no voucher, and says why."""
    troubles, found = _troubles(), {}
    for code in ("device_revoked", "person_deactivated"):
        found[f"title_{code}"] = _("Phone withdrawn")
        found[f"text_{code}"] = troubles[f"trouble_{code}"]
    return found


def _strip() -> dict[str, str]:
    """The line that is always in sight."""
    return {
        "online": _("Connected"),
        "offline": _("No network"),
        "silent": _("No answer"),
        "sending": _("Sending…"),
        "stopped": _("Phone withdrawn"),
        "unsent": _("not sent"),
        "all_sent": _("all sent"),
        "unsent_aloud": _("Not sent yet: %(num)s. The oldest: %(age)s"),
        "all_sent_aloud": _("Everything is sent"),
        "pack_line": _("Data of %(at)s, %(size)s, good until %(until)s"),
        "pack_dead": _("Data of %(at)s is too old"),
        "pack_none": _("No data yet"),
        "minutes": _("%(num)s min"),
        "hours": _("%(num)s h"),
        "days": _("%(num)s d"),
        "now": _("just now"),
        "kilobytes": _("%(num)s kB"),
        "megabytes": _("%(num)s MB"),
        "fetched": _("%(size)s received"),
        "refreshed": _("The newest data is here."),
        "refresh_failed": _("No new data: the centre does not answer."),
        "file_saved": _("Saved: %(name)s. Give the file to a supervisor; it does no harm to send it twice."),
        "file_none": _("There is nothing to save: everything is sent."),
        "file_failed": _("The file could not be made. %(why)s"),
        "stored_yes": _("The browser promised to keep what is recorded here."),
        "stored_no": _(
            "The browser may delete what is recorded here when the phone gets full. Put the page on the home screen."
        ),
        "offline_yes": _("The page is saved on this phone and opens without a network."),
        "offline_no": _("The page is not saved yet. Keep it open while there is a network."),
        "offline_never": _(
            "This browser cannot open the page without a network. Use Chrome, Firefox or Safari, not a private window."
        ),
    }


def _enrolment() -> dict[str, str]:
    return {
        "enrolling": _("Setting this phone up…"),
        "enrolled": _("This phone is set up"),
        "welcome": _("Set this phone up"),
        "welcome_text": _("Scan the code on the manager's screen, or open its link on this phone."),
        "enrol_again": _("Set this phone up anew?"),
        "enrol_again_text": _(
            "It is set up for %(person)s. What was handed out and not sent stays, and is still sent under that name."
        ),
        "fetching": _("Fetching the data of the round…"),
        "fetched_all": _("The data of the round is here."),
        "fetch_failed": _(
            "The data did not come. Stay where there is a network; it is tried again by itself."
        ),
        "not_a_code_to_enrol": _("This is not a code to set a phone up with. Ask a manager to show one."),
        "enrol_unknown_invitation": _(
            "This code to set a phone up is not known. Ask the manager for a new one."
        ),
        "enrol_invitation_used": _("Another phone was set up with this code. Ask the manager for a new one."),
        "enrol_invitation_expired": _("This code is too old. Ask the manager for a new one."),
        "enrol_too_many_attempts": _("Too many attempts. Wait a little and try again."),
        "enrol_no_answer": _(
            "The centre does not answer. Try again where there is a network; the code is still good."
        ),
        "enrol_other": _("The centre did not set this phone up. Ask the manager for a new code."),
        "round_of": _("Round %(code)s, %(first)s – %(last)s"),
    }


def _persons() -> dict[str, str]:
    """«1 person, 2 persons»: one sentence for each plural form of the language, its number left open."""
    found = {}
    for form, number in (("one", 1), ("few", 2), ("many", 5), ("other", 5)):
        text = ngettext("%(num)s person", "%(num)s persons", number)
        found[f"persons_{form}"] = text.replace(str(number), "%(num)s")
    return found
