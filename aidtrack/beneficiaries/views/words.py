"""Words for acts in a family's history."""

from flask_babel import gettext

from aidtrack.kernel.errors import N_

ACTS = {
    "beneficiaries.register_household": N_("registered the family"),
    "beneficiaries.change_household": N_("changed address or phone"),
    "beneficiaries.add_member": N_("added a member"),
    "beneficiaries.change_member": N_("changed a member"),
    "beneficiaries.member_leaves": N_("recorded that a member left"),
    "beneficiaries.add_category": N_("added a category"),
    "beneficiaries.end_category": N_("ended a category"),
    "beneficiaries.record_intake": N_("recorded an appeal or notice"),
    "beneficiaries.record_assessment": N_("recorded a needs assessment"),
    "beneficiaries.record_decision": N_("recorded a decision"),
    "rights.mark": N_("marked the family as eligible"),
    "rights.refuse": N_("recorded a refusal"),
    "rights.ask_exception": N_("asked for an exception"),
    "rights.approve_exception": N_("approved an exception"),
    "rights.decline_exception": N_("declined an exception"),
    "rights.end": N_("ended the eligibility"),
}


def history_word(action: str) -> str:
    """The act in words; an act of another room stands with its own name."""
    return gettext(ACTS[action]) if action in ACTS else action
