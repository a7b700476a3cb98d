"""Words for acts in a family's history."""

from collections.abc import Iterable

from flask_babel import gettext

from aidtrack.kernel.errors import N_

ACTS = {
    "beneficiaries.register_household": N_("registered the family"),
    "beneficiaries.change_household": N_("changed address or phone"),
    "beneficiaries.add_member": N_("added a member"),
    "beneficiaries.change_member": N_("changed a member"),
    "beneficiaries.member_leaves": N_("recorded that a member left"),
    "beneficiaries.name_head": N_("recorded a new head"),
    "beneficiaries.add_collector": N_("named an alternate collector"),
    "beneficiaries.end_collector": N_("ended an alternate collector"),
    "beneficiaries.split_household": N_("recorded that members founded a family of their own"),
    "beneficiaries.join_households": N_("recorded that people moved between families"),
    "beneficiaries.propose_merge": N_("proposed to merge two registrations"),
    "beneficiaries.approve_merge": N_("merged two registrations"),
    "beneficiaries.decline_merge": N_("declined a merge"),
    "beneficiaries.withdraw_merge": N_("withdrew the proposal of a merge"),
    "beneficiaries.undo_merge": N_("undid a merge"),
    "beneficiaries.not_same": N_("said that two families are not the same"),
    "beneficiaries.maybe_same": N_("took back that two families are not the same"),
    "beneficiaries.add_category": N_("added a category"),
    "beneficiaries.end_category": N_("ended a category"),
    "beneficiaries.record_intake": N_("recorded an appeal or notice"),
    "beneficiaries.record_assessment": N_("recorded a needs assessment"),
    "beneficiaries.record_decision": N_("recorded a decision"),
    "cases.assign_intake": N_("assigned an appeal"),
    "cases.close_intake": N_("closed an appeal"),
    "cases.decide": N_("recorded the decision of a sitting"),
    "cases.link_intake": N_("joined an appeal to the family"),
    "cases.reopen_intake": N_("opened an appeal again"),
    "cases.transfer_intake": N_("transferred an appeal"),
    "rights.mark": N_("marked the family as eligible"),
    "rights.refuse": N_("recorded a refusal"),
    "rights.ask_exception": N_("asked for an exception"),
    "rights.approve_exception": N_("approved an exception"),
    "rights.decline_exception": N_("declined an exception"),
    "rights.end": N_("ended the eligibility"),
    "privacy.record_ground": N_("recorded the ground on which data are held"),
    "privacy.withdraw_ground": N_("withdrew a ground"),
    "privacy.ask_erasure": N_("asked to erase the family"),
    "privacy.decline_erasure": N_("declined to erase the family"),
}


COLUMNS = {
    "settlement": N_("Settlement"),
    "katottg": N_("KATOTTG code"),
    "address": N_("Address"),
    "phone": N_("Phone"),
    "displaced_on": N_("Displaced on"),
    "arrived_on": N_("Arrived in the hromada on"),
    "surname": N_("Surname"),
    "given_name": N_("Given name"),
    "patronymic": N_("Patronymic"),
    "sex": N_("Sex"),
    "birth_date": N_("Birth date"),
    "document": N_("Document"),
    "collector": N_("Alternate collector"),
}


def column_word(name: str) -> str:
    return gettext(COLUMNS[name]) if name in COLUMNS else name


REASONS = {
    "tax_id": N_("same taxpayer number"),
    "document": N_("same document"),
    "phone": N_("same phone"),
    "address": N_("same address"),
    "name_and_birth_date": N_("same name and birth date"),
    "surname": N_("same surname"),
    "surname_alike": N_("surname written alike"),
    "another_surname": N_("another surname, as after a marriage"),
    "given_name": N_("same given name"),
    "given_name_alike": N_("given name written alike"),
    "names_exchanged": N_("given name and surname exchanged"),
    "birth_date": N_("same birth date"),
    "day_and_month_exchanged": N_("birth date with day and month exchanged"),
    "birth_date_alike": N_("birth date with one slip"),
    "several_members": N_("several members alike"),
}


def reason_words(reasons: Iterable[str]) -> str:
    """Why two families look alike, in one line."""
    known = set(reasons)
    if "name_and_birth_date" in known:  # says the same as its parts
        known -= {"surname", "given_name", "birth_date"}
    return ", ".join(gettext(word) for code, word in REASONS.items() if code in known)


def history_word(action: str) -> str:
    """The act in words; an act of another room stands with its own name."""
    return gettext(ACTS[action]) if action in ACTS else action
