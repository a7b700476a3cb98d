"""Named refusals of the accounts room."""

from typing import Any

from aidtrack.kernel.errors import N_, DomainError


class WrongSignIn(DomainError):
    """Login and password do not fit, or the account is closed: nobody learns which."""

    code = "wrong_sign_in"
    text = N_("The login or the password is wrong. Nothing else is told, for safety.")


class TooManyAttempts(DomainError):
    """Guessing is slowed down; `retry_after_s` says for how long."""

    code = "too_many_attempts"
    status = 429
    text = N_("Too many failed sign-ins. Try again in %(minutes)s min.")

    def __init__(self, *, retry_after_s: int, **facts: Any) -> None:
        super().__init__(retry_after_s=retry_after_s, minutes=-(-retry_after_s // 60), **facts)


class LoginTaken(DomainError):
    code = "login_taken"
    field = "login"
    text = N_("Somebody already signs in as “%(login)s”. Choose another login.")


class BadLogin(DomainError):
    code = "bad_login"
    field = "login"
    text = N_("A login has 2 to 40 characters: Latin letters, digits, a dot, a hyphen or an underscore.")


class UnknownPerson(DomainError):
    """No account with this login (the command line names people by it)."""

    code = "unknown_person"
    status = 404
    field = "login"
    text = N_("Nobody signs in as “%(login)s”.")


class UnknownToken(DomainError):
    code = "unknown_token"
    status = 404
    text = N_("There is no API token “%(label)s” in force.")


class LabelTaken(DomainError):
    code = "label_taken"
    field = "label"
    text = N_("A token “%(label)s” is already in force. Choose another name.")


class UnknownSite(DomainError):
    code = "unknown_site"
    field = "site_ids"
    text = N_("There is no site “%(site)s”.")


class SiteTaken(DomainError):
    code = "site_taken"
    status = 409
    text = N_("There is a site “%(site)s” already. Choose another code.")


class SiteNeeded(DomainError):
    code = "site_needed"
    field = "site_ids"
    text = N_("Choose at least one site.")


class DonorNeeded(DomainError):
    """A liaison's eyes are their donors: without one there would be nothing to see."""

    code = "donor_needed"
    field = "donor_ids"
    text = N_("Choose at least one donor this person serves.")


class WorksElsewhereToo(DomainError):
    """The account also belongs to a site that is not the administrator's."""

    code = "works_elsewhere_too"
    status = 403
    text = N_(
        "This person also works at a site that is not yours. An administrator of all their sites can do this."
    )


class NotYourself(DomainError):
    code = "not_yourself"
    text = N_("You cannot do this to your own account. Ask another administrator.")


class LastAdministrator(DomainError):
    code = "last_administrator"
    text = N_("This is the last administrator. Add another one first.")


class PasswordTooWeak(DomainError):
    code = "password_too_weak"
    field = "new_password"
    text = N_("Use at least %(length)s characters, without your login and without repeating one character.")


class WrongPassword(DomainError):
    """Of one's own account, when changing the password."""

    code = "wrong_password"
    field = "old_password"
    text = N_("This is not your present password.")


class CentreExists(DomainError):
    code = "centre_exists"
    status = 409
    text = N_("This installation already has its centre.")
