"""What each act is called on the log page. A test sees that no act is left without words."""

from flask_babel import gettext

from aidtrack.kernel.errors import N_

WORDS: dict[str, str] = {
    "accounts.add": N_("Person added"),
    "accounts.add-site": N_("Site added"),
    "accounts.add-token": N_("API token made"),
    "accounts.change": N_("Person changed"),
    "accounts.change-password": N_("Own password changed"),
    "accounts.deactivate": N_("Account closed"),
    "accounts.reactivate": N_("Account opened again"),
    "accounts.reset-password": N_("New password given"),
    "accounts.revoke-token": N_("API token revoked"),
    "accounts.set-up-centre": N_("Centre set up"),
    "accounts.sign-in": N_("Signed in"),
    "accounts.sign-out": N_("Signed out"),
}


def word_of(action: str) -> str:
    """The act's words; its code where there are none."""
    return gettext(WORDS[action]) if action in WORDS else action
