"""Findings about a row of a register."""

from aidtrack.kernel.errors import N_, DomainError


class NoSuchFamily(DomainError):
    code = "no_such_family"
    text = N_(
        "No family at this site has this registration number. Correct it, or leave it empty for a new family."
    )


class MayBeRegistered(DomainError):
    """Facts: `known`, registration numbers."""

    code = "may_be_registered"
    text = N_(
        "This may be a family that is registered already: %(known)s. Write that number into the column "
        "“Registration number”, or into “Why this is another family” why it is not."
    )


class MayBeRegisteredElsewhere(DomainError):
    code = "may_be_registered_in_file"
    text = N_(
        "This may be the family of row %(row)s. Write into “Why this is another family” why it is not, or remove it."
    )


class NameNotInParts(DomainError):
    code = "name_not_in_parts"
    text = N_("Write surname and given name, then the patronymic, separated by spaces.")


class SexUnknown(DomainError):
    code = "sex_unknown"
    text = N_("Write female or male.")
