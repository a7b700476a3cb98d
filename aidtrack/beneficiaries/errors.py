"""Refusals around families. Facts never hold a name, phone, document or address."""

from aidtrack.kernel.errors import N_, DomainError


class FamilyRefused(DomainError):
    """Something typed about a family cannot be kept as it is."""

    code = "family_refused"


class Needed(FamilyRefused):
    """A field without which the record means nothing is empty."""

    code = "needed"
    text = N_("Fill in this field.")


class NotAName(FamilyRefused):
    code = "not_a_name"
    text = N_("A name has letters, spaces, hyphens and apostrophes, at most 80 characters.")


class TooLong(FamilyRefused):
    """Facts: `most`, characters."""

    code = "too_long"
    text = N_("Too long: at most %(most)s characters.")


class BirthDateInFuture(FamilyRefused):
    code = "birth_date_in_future"
    text = N_("A birth date cannot lie in the future.")


class BirthDateTooLongAgo(FamilyRefused):
    """Nobody alive was born 130 years ago; a century is easily typed wrong."""

    code = "birth_date_too_long_ago"
    text = N_("This birth date is 130 years ago or more. Check the year.")


class DayInFuture(FamilyRefused):
    code = "day_in_future"
    text = N_("This day lies in the future.")


class DatesOutOfOrder(FamilyRefused):
    code = "dates_out_of_order"
    text = N_("The last day lies before the first one.")


class DecisionBeforeAct(FamilyRefused):
    """Facts: `made_on`, ISO date of the needs-assessment act."""

    code = "decision_before_act"
    field = "decided_on"
    text = N_("The decision lies before the needs-assessment act of %(made_on)s that it rests on.")


class NotAPhone(FamilyRefused):
    code = "not_a_phone"
    field = "phone"
    text = N_("This phone number cannot be read. Write it like 067 123 45 67 or with its country code.")


class NotATaxNumber(FamilyRefused):
    code = "not_a_tax_number"
    field = "tax_id"
    text = N_("A taxpayer number has 10 digits. Leave it empty if the person has none or refuses it.")


class TaxNumberDoubt(FamilyRefused):
    """The check digit does not fit. The person is asked, not turned away: papers carry mistakes too."""

    code = "tax_number_doubt"
    field = "tax_id"
    text = N_(
        "The check digit of this taxpayer number does not fit. Compare it with the paper; "
        "if the paper says so, confirm below and save again."
    )


class NotAKatottg(FamilyRefused):
    code = "not_a_katottg"
    field = "katottg"
    text = N_("A KATOTTG code has UA and 17 digits, like UA12020010010037010.")


class OneHead(FamilyRefused):
    """Facts: `heads`, how many were marked."""

    code = "one_head"
    field = "members"
    text = N_("A family has exactly one head; %(heads)s are marked.")


class HeadStays(FamilyRefused):
    code = "head_stays"
    field = "left_on"
    text = N_("Say who is the head of the family from then on.")


class NotPresent(FamilyRefused):
    code = "not_present"
    field = "person"
    text = N_("This person does not belong to the family any more.")


class FamilyEnded(FamilyRefused):
    """The family became a part of another one; what is new belongs there."""

    code = "family_ended"
    status = 409
    text = N_("This family became part of another one. Change that one.")


class SameFamily(FamilyRefused):
    code = "same_family"
    field = "other"
    text = N_("This is the same family. Name another one.")


class NobodyChosen(FamilyRefused):
    code = "nobody_chosen"
    field = "person_ids"
    text = N_("Choose at least one person.")


class SomebodyStays(FamilyRefused):
    code = "somebody_stays"
    field = "person_ids"
    text = N_("At least one person stays in the family. If all move, change the address instead.")


class BirthDateNeeded(FamilyRefused):
    code = "birth_date_needed"
    field = "birth_date"
    text = N_("Write when the child was born.")


class HeadAmongThem(FamilyRefused):
    code = "head_among_them"
    field = "head_id"
    text = N_("The head of the new family is one of those who go.")


class YoungHead(FamilyRefused):
    """Asked, not refused: a child heads a family only where somebody says so. Facts: `age`."""

    code = "young_head"
    status = 409
    field = "young_head"
    text = N_(
        "The new head of the family is under 18 (%(age)s). Choose an adult, or confirm below that this is meant."
    )


class TooManyMembers(FamilyRefused):
    """Facts: `most`."""

    code = "too_many_members"
    field = "members"
    text = N_("A family has at most %(most)s members here.")


class UnknownCategory(FamilyRefused):
    code = "unknown_category"
    field = "kind"
    text = N_("There is no such category.")


class CategoryOfHousehold(FamilyRefused):
    code = "category_of_household"
    field = "person"
    text = N_("This category belongs to the family as a whole, not to one person.")


class CategoryOfPerson(FamilyRefused):
    code = "category_of_person"
    field = "person"
    text = N_("This category belongs to a person. Say to whom.")


class PossibleDuplicate(FamilyRefused):
    """Somebody with the same papers, phone, or name and birth date is registered.

    Facts: `households`, ids found at the actor's own sites (other sites are not told, I14); `reasons`, by
    household id; `index`, the command in a batch, and `same_as`, the earlier one of the same batch.
    """

    code = "possible_duplicate"
    status = 409
    field = "go_on_reason"
    text = N_(
        "This family may be registered already. Look below; if it is another family, say why and save again."
    )


class OwnGrant(FamilyRefused):
    code = "own_grant"
    status = 403
    field = "user_id"
    text = N_("Nobody grants this right to themselves.")


class NotACaseworker(FamilyRefused):
    code = "not_a_caseworker"
    field = "user_id"
    text = N_("Only a caseworker at one of your sites can be given this right.")


class GrantTooLong(FamilyRefused):
    """Facts: `days`, the longest possible."""

    code = "grant_too_long"
    field = "valid_until"
    text = N_("This right lasts at most %(days)s days and ends after it begins.")


class SearchTooShort(FamilyRefused):
    """Facts: `least`, characters."""

    code = "search_too_short"
    field = "q"
    text = N_("Write at least %(least)s letters of the surname, a registration number or a phone number.")


class TooManyChecks(FamilyRefused):
    """Facts: `minutes` to wait."""

    code = "too_many_checks"
    status = 429
    text = N_(
        "Too many checks for doubles. Wait %(minutes)s minutes; the family can be registered all the same."
    )


class MergeOpen(FamilyRefused):
    code = "merge_open"
    status = 409
    text = N_("One of these families is already part of a merge. Settle that one first.")


class MergeSettled(FamilyRefused):
    """Somebody approved, declined or undid it meanwhile."""

    code = "merge_settled"
    status = 409
    text = N_("This merge was settled meanwhile.")


class MergeOutdated(FamilyRefused):
    code = "merge_outdated"
    status = 409
    text = N_("One of the families changed since the merge was proposed. Propose it anew.")


class OwnMerge(FamilyRefused):
    """Who proposed does not approve (I17)."""

    code = "own_merge"
    status = 403
    text = N_("You proposed this merge. Another person approves it.")


class LaterMergeFirst(FamilyRefused):
    code = "later_merge_first"
    status = 409
    text = N_("The family was merged on since. Undo the later merge first.")


class AtTwoSites(FamilyRefused):
    code = "at_two_sites"
    field = "other"
    text = N_("The two registrations belong to different sites. Move one first.")


class PeoplePairedTwice(FamilyRefused):
    code = "people_paired_twice"
    field = "people"
    text = N_("A person can be the same as one other person only.")
