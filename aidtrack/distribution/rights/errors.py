"""Refusals around the right to aid."""

from aidtrack.kernel.errors import N_, DomainError


class RightRefused(DomainError):
    """The mark cannot be made as asked."""

    code = "right_refused"


class NoRule(RightRefused):
    """A programme without a rule in force entitles nobody. Facts: `on`, ISO date."""

    code = "no_rule"
    status = 409
    field = "programme_id"
    text = N_("This programme has no rule in force on %(on)s. An administrator writes one first.")


class NotEntitled(RightRefused):
    """The rule is not met. Facts: `reasons`, nearest mend first, as `eligibility.reason_to_json` gives them."""

    code = "not_entitled"
    status = 409
    field = "override_reason"
    text = N_("By the rule of this programme the family is not entitled. The reasons stand below.")


class AlreadyMarked(RightRefused):
    """Facts: `since`, ISO date."""

    code = "already_marked"
    status = 409
    field = "programme_id"
    text = N_("This family is already marked as eligible for this programme since %(since)s.")


class PaperNeeded(RightRefused):
    """The ground names a paper that is not on file."""

    code = "paper_needed"
    field = "ground"
    text = N_("Record the paper first that this ground names: the assessment act or the decision.")


class PaperOutdated(RightRefused):
    """Facts: `valid_until`, ISO date."""

    code = "paper_outdated"
    field = "assessment_id"
    text = N_("This paper was valid until %(valid_until)s and cannot carry a right that begins later.")


class PaperNotYet(RightRefused):
    """Facts: `valid_from`, ISO date."""

    code = "paper_not_yet"
    field = "decision_id"
    text = N_("This paper is dated %(valid_from)s and cannot carry a right that begins earlier.")


class DecisionElsewhere(RightRefused):
    code = "decision_elsewhere"
    field = "decision_id"
    text = N_("This decision grants another programme.")


class DaysReversed(RightRefused):
    code = "days_reversed"
    field = "valid_until"
    text = N_("The right would end before it begins.")


class NotPending(RightRefused):
    code = "not_pending"
    status = 409
    text = N_("This exception is not waiting for an approval any more.")


class SecondPersonNeeded(RightRefused):
    """Who asked for an exception never approves it (I17)."""

    code = "second_person_needed"
    status = 403
    text = N_("A second person approves this: not the one who asked for it.")


class NotLive(RightRefused):
    code = "not_live"
    status = 409
    text = N_("This mark has already ended.")


class ReasonNeeded(RightRefused):
    code = "reason_needed_for_right"
    field = "reason"
    text = N_("Give a reason of at least five letters.")


class RuleNotLater(RightRefused):
    """A version in force is never rewritten. Facts: `since`, ISO date of the newest version."""

    code = "rule_not_later"
    field = "valid_from"
    text = N_("A newer version of this rule already applies from %(since)s. Choose that day or a later one.")


class EveryoneMeetsIt(RightRefused):
    """Asked, not refused: a rule without a condition entitles everybody."""

    code = "everyone_meets_it"
    field = "everyone"
    text = N_("This rule has no condition, so every family meets it. Confirm that this is meant.")


class NobodyMeetsIt(RightRefused):
    """Asked, not refused: tried out, the rule entitled nobody. Facts: `tried`, families looked at."""

    code = "nobody_meets_it"
    field = "sure"
    text = N_("Tried on %(tried)s families, this rule entitles nobody. Confirm that this is meant.")


class AllMeetIt(RightRefused):
    """Asked, not refused: tried out, the rule entitled every family. Facts: `tried`."""

    code = "all_meet_it"
    field = "sure"
    text = N_("Tried on %(tried)s families, every one of them meets this rule. Confirm that this is meant.")


class NotTried(RightRefused):
    """A draft is tried out, as it stands now, before it applies to anybody."""

    code = "not_tried"
    status = 409
    text = N_("Try this draft out first, as it stands now: then everybody knows whom it concerns.")


class DraftSettled(RightRefused):
    """The draft is in force or dropped and cannot be changed any more."""

    code = "draft_settled"
    status = 409
    text = N_("This draft is in force or was dropped. Begin a new one.")


class DraftChanged(RightRefused):
    """Somebody else saved the draft meanwhile. Facts: `who`, `when`."""

    code = "draft_changed"
    status = 409
    text = N_("%(who)s changed this draft on %(when)s. Open it again and compare.")


class ServedTooSoon(DomainError):
    """The programme's rule demands more days since the family's last handout."""

    code = "served_too_soon"
    status = 409
    field = "registration_no"
    text = N_("This family was served already; by the rule of the programme it is not served again yet.")


class NobodyFits(DomainError):
    """A rule that serves members finds none who meets it on the day."""

    code = "nobody_fits"
    status = 409
    field = "registration_no"
    text = N_("No member of this family meets the rule of the programme on that day.")


class CapReached(DomainError):
    """The family, or everybody in it, was served as often as the rule allows."""

    code = "cap_reached"
    status = 409
    field = "registration_no"
    text = N_("This family was already served as often as the rule of the programme allows.")


class OthersCameFirst(DomainError):
    """The cycle's number of families is full."""

    code = "others_came_first"
    status = 409
    field = "registration_no"
    text = N_("The rule of the programme serves so many families in a cycle, and that many came first.")


class DaysAreFull(DomainError):
    """Every day that is left of the round has its quota."""

    code = "days_are_full"
    status = 409
    field = "registration_no"
    text = N_("Every day of this round has as many families as the rule of the programme allows.")


class CountedElsewhere(DomainError):
    """Everybody in the family was counted in another family's entitlement of the cycle."""

    code = "counted_elsewhere"
    status = 409
    field = "registration_no"
    text = N_(
        "Everybody in this family was counted in another family’s voucher of this cycle. If they need their own all "
        "the same, ask for an exception, which a second person approves."
    )
