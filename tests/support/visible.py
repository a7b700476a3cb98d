"""Who sees what, where (DESIGN §6): the one table against which every answer is held."""

from aidtrack.kernel.actor import Role
from tests.support import canaries

GRANTED_FAMILY_PAGES = frozenset({"protected evidence", "protected kind"})
GRANTED_PAGES = {"beneficiaries.register": {"protected kind"}, "rights.why": GRANTED_FAMILY_PAGES}

# The pages of one family, on which a caseworker of its site reads everything ordinary.
HEAD = {"surname", "given name", "patronymic", "registration number"}
WHERE_FROM = {"settlement", "displaced on", "arrived on"}
FILE = {
    *HEAD, "birth date", "document", "address", "phone", "proxy", "evidence", "act", "decision", "intake", "notes",
    "reason of a case", "words of a case", *WHERE_FROM,
}  # fmt: skip
FAMILY_PAGES = {
    f"beneficiaries.{name}"
    for name in (
        "household", "edit_household", "new_member", "edit_member", "leave", "new_category", "end_category",
        "end_protected", "name_head", "new_collector", "end_collector", "split", "join", "join_from", "compare_with",
        "compare", "merge",
    )
} | {"cases.assessment", "cases.decision", "cases.new_intake"}  # fmt: skip
# What a family may ask for is everything of it; the drawer of protected categories stays shut without a grant.
ANSWER = {
    *FILE, "serial", "from whom", "contact", "about",
    *(str(one) for one in canaries.generated() if one.owner is not None),
}  # fmt: skip
ANSWERS = {"privacy.held", "privacy.held_pdf", "privacy_api.HoldingsView"}
NOT_FOR_THE_FAMILY = {"erasure_request.reason", "not_same.reason"}  # what colleagues wrote to each other
# Others: (what, endpoint, roles).
MAY_SEE: list[tuple[set[str], str, set[Role]]] = [
    (FILE, "rights.why", {Role.CASEWORKER}),
    ({"registration number"}, "beneficiaries.merges", {Role.CASEWORKER}),
    (FILE | {"collector.document"}, "families_api.Household", {Role.CASEWORKER}),
    # the journal names who turned to the centre; what they said stands on the entry's own page, and a file names nobody
    *(
        ({"intake", "from whom", "registration number"}, endpoint, {Role.CASEWORKER})
        for endpoint in ("cases.journal", "cases.journal_pdf", "cases_api.JournalView")
    ),
    ({"intake", "registration number"}, "cases.journal_file", {Role.CASEWORKER}),
    (
        {"intake", "act", "decision", "notes", "reason of a case", "words of a case"},
        "cases_api.StoryView",
        {Role.CASEWORKER},
    ),
    *(
        (
            {"intake", "from whom", "contact", "about", "registration number"},
            f"cases{name}",
            {Role.CASEWORKER},
        )
        for name in (".intake", "_api.IntakeView")
    ),
    *(
        ({"intake"}, f"cases.{name}", {Role.CASEWORKER})
        for name in ("assign", "close", "transfer", "reopen", "link")
    ),
    ({*HEAD, "settlement"}, "cases.due", {Role.CASEWORKER}),
    ({*HEAD, "settlement"}, "cases_api.DueView", {Role.CASEWORKER}),
    # found by words: who it may be, one line each
    ({*HEAD, "settlement"}, "beneficiaries.search", {Role.CASEWORKER}),
    ({*HEAD, "settlement"}, "families_api.Search", {Role.CASEWORKER}),
    ({"registration number"}, "families_api.Doubles", {Role.CASEWORKER}),
    # a file with names: who asked for it, once
    (
        {*HEAD, "birth date", "document", "address", "settlement", "phone"},
        "privacy.take_export",
        {Role.CASEWORKER},
    ),
    # a sitting knows whose case it is, its papers, and what was decided
    *(
        ({*HEAD, "intake", "act", "reason of a case", "words of a case"}, f"cases{name}", {Role.CASEWORKER})
        for name in (
            ".sitting",
            ".results",
            ".correct",
            ".agenda_pdf",
            ".minutes_pdf",
            ".extract_pdf",
            ".add_family",
            "_api.SittingView",
        )
    ),
    ({"settlement"}, "cases.agenda_pdf", {Role.CASEWORKER}),
    # what was added to the journal and to a sitting afterwards stands where the entry stands
    *(
        ({"intake.reason", "intake.transferred_to"}, endpoint, {Role.CASEWORKER})
        for endpoint in ("cases.intake", "cases_api.IntakeView")
    ),
    *(
        ({"sitting_case.correction_reason"}, f"cases.{name}", {Role.CASEWORKER})
        for name in ("sitting", "correct", "add_family", "agenda_pdf", "minutes_pdf", "extract_pdf")
    ),
    (
        {"collector.document", "household_income.evidence", "not_same.reason", "family_event.details"},
        "beneficiaries.household",
        {Role.CASEWORKER},
    ),
    (
        {*HEAD, *WHERE_FROM, "household_merge.reason", "birth date", "document", "address", "phone"},
        "beneficiaries.merge",
        {Role.CASEWORKER},
    ),
    ({"collector.document"}, "families_api.Household", {Role.CASEWORKER}),
    ({"registration number", *WHERE_FROM}, "register_file.without_names", {Role.CASEWORKER}),
    # data protection: requests speak of numbers of files, and of the reason a colleague gave
    *(
        ({"registration number"}, f"privacy.{name}", {Role.CASEWORKER})
        for name in ("index", "ground", "withdraw", "erase", "notice")
    ),
    ({"erasure_request.reason"}, "privacy.index", {Role.CASEWORKER}),
    # what a file with names is for is read by those who ask for such files and those who approve them
    ({"identifier_export.purpose"}, "privacy.index", {Role.CASEWORKER, Role.ADMINISTRATOR}),
    ({"registration number"}, "proofs.income", {Role.CASEWORKER}),
    # a list of kinds is no list of families
    ({"protected kind"}, "proofs.kinds", {Role.ADMINISTRATOR, Role.CASEWORKER}),
    ({"protected kind"}, "proofs_api.KindsView", set(Role)),
    ({"intake"}, "home.start", {Role.CASEWORKER}),  # the oldest open appeal by its number
    # whom to phone about a booked time; a family's time stands beside the number of its file
    ({*HEAD, "phone"}, "slots.phone_list", {Role.CASEWORKER}),
    ({"registration number"}, "slots.family", {Role.CASEWORKER}),
    # a message is read by those who handle it, one at a time; sensitive ones by nobody who was not named
    *(
        ({"message", "writer"}, f"feedback_register.{name}", {Role.CASEWORKER})
        for name in ("show", "answer", "assign", "change")
    ),
    ({"message", "writer"}, "feedback_api.EntryView", {Role.CASEWORKER}),
    ({"registration number", "eligibility.override_reason"}, "rights.settle", {Role.CASEWORKER}),
    ({"registration number"}, "rights.end", {Role.CASEWORKER}),
    # whom a rule lets in or drops, by the numbers of their files
    ({"registration number"}, "rights_api.TrialFamiliesView", {Role.CASEWORKER}),
    ({*HEAD, "settlement"}, "rights.trial_list", {Role.CASEWORKER}),
    # a round's vouchers stand beside the number of the family's file, never its name
    ({"registration number", "serial"}, "rounds.voucher_list", {Role.CASEWORKER}),
    ({"registration number", "serial"}, "rounds.show_voucher", {Role.CASEWORKER}),
    ({"serial"}, "rounds.show_voucher", {Role.REVIEWER}),
    ({"serial"}, "rounds.void", {Role.CASEWORKER}),
    ({"why void", "reason of a handout"}, "rounds.show_voucher", {Role.CASEWORKER, Role.REVIEWER}),
    ({"serial", "code"}, "rounds.run_file", {Role.CASEWORKER}),
    ({"serial"}, "rounds.reprint", {Role.CASEWORKER}),
    # codes on the screen are for those who issue, and the reading is logged
    ({"code", "serial"}, "rounds.codes", {Role.CASEWORKER}),
    # the evening and its papers name vouchers, never families; names are in the PDF, and its reading is logged
    ({"serial"}, "days.unused", {Role.WAREHOUSE}),
    ({"serial"}, "paper.show", {Role.CASEWORKER, Role.WAREHOUSE}),
    ({"note on paper", "settled paper"}, "paper.show", {Role.CASEWORKER, Role.WAREHOUSE}),
    *(
        ({"note on paper", "settled paper", "serial"}, f"paper.{name}", {Role.WAREHOUSE})
        for name in ("enter", "note", "close")
    ),
    ({"reason of a review"}, "reviews.case", {Role.CASEWORKER, Role.WAREHOUSE, Role.REVIEWER}),
    ({"serial"}, "paper.pdf", {Role.CASEWORKER}),
    ({"surname", "serial"}, "paper.sheet_pdf", {Role.CASEWORKER}),
    ({"serial"}, "paper.sheet", {Role.CASEWORKER, Role.WAREHOUSE}),
    # the paper in the hand: what the counter and its programs are told of it
    ({"given name", "proxy", "serial"}, "scanner.scan", {Role.WAREHOUSE}),
    ({"serial"}, "handouts_api.VoucherView", {Role.WAREHOUSE, Role.REVIEWER}),
    ({"serial", "reason of a handout"}, "handouts_api.HandoutView", {Role.WAREHOUSE}),
    # the ledger names a handout by its voucher's serial; a liaison's card leaves it out
    ({"serial", "reason of a handout"}, "inventory.card", {Role.WAREHOUSE, Role.REVIEWER}),
    ({"serial", "reason of a handout"}, "inventory.entry", {Role.WAREHOUSE, Role.REVIEWER}),
    # rules of programmes name kinds, not families
    ({"protected kind"}, "rights.new_draft", {Role.ADMINISTRATOR}),
]


def may_see(what: str, endpoint: str, role: Role, granted: bool) -> bool:
    drawer = granted and what in GRANTED_FAMILY_PAGES
    if endpoint in FAMILY_PAGES and role is Role.CASEWORKER and (what in FILE or drawer):
        return True
    if endpoint in ANSWERS and role is Role.CASEWORKER:
        return (what in ANSWER - NOT_FOR_THE_FAMILY) or (granted and what in GRANTED_FAMILY_PAGES)
    if granted and what in GRANTED_PAGES.get(endpoint, ()):
        return True
    return any(what in words and endpoint == where and role in roles for words, where, roles in MAY_SEE)
