"""Named refusals of reports."""

from aidtrack.kernel.errors import N_, DomainError


class PeriodBackwards(DomainError):
    """The last day lies before the first."""

    code = "period_backwards"
    field = "end"
    text = N_("The period ends before it begins. Swap the two dates.")


class PeriodTooLong(DomainError):
    """More than a statement can mean anything for."""

    code = "period_too_long"
    field = "start"
    text = N_("A statement covers at most %(years)s years. Choose a later first day.")
