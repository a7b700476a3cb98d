"""Words that commands, tables and pages of cases share."""

from enum import StrEnum

from aidtrack.kernel.errors import N_


class IntakeKind(StrEnum):
    APPEAL = "appeal"  # звернення
    NOTIFICATION = "notification"  # повідомлення

    @property
    def label(self) -> str:
        return {IntakeKind.APPEAL: N_("appeal"), IntakeKind.NOTIFICATION: N_("referral notice")}[self]


class Channel(StrEnum):
    """By which way an appeal came."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"
    HOTLINE = "hotline"
    INSTITUTION = "institution"  # handed on by another institution

    @property
    def label(self) -> str:
        return _CHANNELS[self]


class Sender(StrEnum):
    """Who turned to the centre."""

    FAMILY = "family"
    RELATIVE = "relative"
    OTHER_PERSON = "other_person"
    INSTITUTION = "institution"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return _SENDERS[self]


class IntakeStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    TRANSFERRED = "transferred"

    @property
    def label(self) -> str:
        return _STATUSES[self]


class Outcome(StrEnum):
    """With what an appeal was closed."""

    GRANTED = "granted"
    REFUSED = "refused"
    ADVISED = "advised"
    NOT_CONFIRMED = "not_confirmed"
    WITHDRAWN = "withdrawn"
    REPEATED = "repeated"

    @property
    def label(self) -> str:
        return _OUTCOMES[self]


class ListKind(StrEnum):
    CIRCUMSTANCES = "circumstances"  # чинники СЖО
    NEEDS = "needs"

    @property
    def label(self) -> str:
        return {ListKind.CIRCUMSTANCES: N_("Circumstances"), ListKind.NEEDS: N_("Needs")}[self]


class DecisionBody(StrEnum):
    COUNCIL = "council"  # координаційна рада
    DEPARTMENT = "department"

    @property
    def label(self) -> str:
        return {DecisionBody.COUNCIL: N_("coordination council"), DecisionBody.DEPARTMENT: N_("department")}[
            self
        ]


class SittingState(StrEnum):
    PLANNED = "planned"
    CLOSED = "closed"  # the minutes are closed, decisions are written

    @property
    def label(self) -> str:
        return {SittingState.PLANNED: N_("being prepared"), SittingState.CLOSED: N_("minutes closed")}[self]


class Result(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"
    POSTPONED = "postponed"

    @property
    def label(self) -> str:
        return _RESULTS[self]


_CHANNELS = {
    Channel.IN_PERSON: N_("in person"),
    Channel.PHONE: N_("by phone"),
    Channel.LETTER: N_("by letter"),
    Channel.EMAIL: N_("by e-mail"),
    Channel.HOTLINE: N_("through a hotline"),
    Channel.INSTITUTION: N_("handed on by an institution"),
}
_SENDERS = {
    Sender.FAMILY: N_("somebody of the family"),
    Sender.RELATIVE: N_("a relative"),
    Sender.OTHER_PERSON: N_("another person"),
    Sender.INSTITUTION: N_("an institution"),
    Sender.UNKNOWN: N_("did not give a name"),
}
_STATUSES = {
    IntakeStatus.OPEN: N_("being dealt with"),
    IntakeStatus.CLOSED: N_("closed with an outcome"),
    IntakeStatus.TRANSFERRED: N_("transferred"),
}
_OUTCOMES = {
    Outcome.GRANTED: N_("aid or a service was granted"),
    Outcome.REFUSED: N_("refused"),
    Outcome.ADVISED: N_("advice was given, nothing else is needed"),
    Outcome.NOT_CONFIRMED: N_("what was reported was not confirmed"),
    Outcome.WITHDRAWN: N_("the family withdrew it"),
    Outcome.REPEATED: N_("a repetition of another appeal"),
}
_RESULTS = {
    Result.GRANTED: N_("granted"),
    Result.REFUSED: N_("refused"),
    Result.POSTPONED: N_("postponed"),
}
