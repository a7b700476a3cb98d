"""What personal data are read for, in words. Chosen once for a session; each role has its usual one."""

from flask_babel import gettext

from aidtrack.kernel.errors import N_

PURPOSES: dict[str, str] = {
    "serving": N_("serving the family"),
    "deciding": N_("preparing a decision or a round"),
    "checking": N_("checking data or a complaint"),
    "family_asked": N_("the family asked what is held"),
    "handing_out": N_("handing out aid"),
    "reporting": N_("reporting"),
    "operation": N_("running the system"),
}
CHOICES = ("serving", "deciding", "checking", "family_asked")  # what a caseworker chooses from

FIELDS: dict[str, str] = {
    "names": N_("surname, given name, patronymic"),
    "phone": N_("phone"),
    "address": N_("settlement and address"),
    "document": N_("documents"),
}


def purpose_words(code: object) -> str:
    """In words; before purposes were noted, the log says nothing."""
    return str(gettext(PURPOSES[code])) if isinstance(code, str) and code in PURPOSES else "—"
