"""The words of the tour: per role, the steps of an ordinary day."""

from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Tour:
    """One role's tour; all texts are msgids, translated in the template."""

    role: Role
    purpose: str
    steps: tuple[str, ...]
    sees: str


TOURS: tuple[Tour, ...] = (
    Tour(
        Role.CASEWORKER,
        N_(
            "You register families, record what they have a right to, and prepare rounds with their vouchers."
        ),
        (
            N_(
                "Register a family: its members with birth dates, the address, the categories and the papers that prove them."
            ),
            N_(
                "Record the ground: the appeal, the needs-assessment act and the decision. The page then says whether the family is eligible for a programme, and if not, why."
            ),
            N_("Mark the family eligible. An exception needs a reason and a second person."),
            N_(
                "Plan a round: place, days and what each family or person receives. Look at needed, available and short before anything is issued."
            ),
            N_(
                "Issue the vouchers and print them as sheets or single cards. A lost voucher is reprinted; the old one is dead from that moment."
            ),
        ),
        N_("You see the families of your own sites. Every look at their personal data is logged."),
    ),
    Tour(
        Role.WAREHOUSE,
        N_("You receive donations into stock and hand goods out at the counter."),
        (
            N_(
                "Receive a donation: type what actually arrived, in tonnes, kilograms, pieces or packs. The page shows how it read each quantity before you save."
            ),
            N_(
                "Look at the stock by place and lot. Every lot names its donor. A mistake is corrected by a reversal with a reason, never by erasing."
            ),
            N_("Open the counter and scan a voucher with the camera, a USB scanner, or by typing its code."),
            N_(
                "Blue: hand out with the large button. Green: handed out and recorded. Amber: already collected, with when and where. Red: not valid, with the reason in words."
            ),
            N_("Handed out by mistake? Undo it within a short while; the goods return to the same lots."),
        ),
        N_("You see the stock of your sites and, of families, only the voucher in front of you."),
    ),
    Tour(
        Role.DONOR_LIAISON,
        N_("You account to donors for what they gave."),
        (
            N_(
                "Open the donor's statement: opening balance, received, handed out, losses and closing balance per item, to the gram."
            ),
            N_("Open any figure to see the lines behind it."),
            N_("See how many households and persons were reached, each counted once, by month and place."),
            N_("Take the statement away as XLSX, CSV or PDF."),
        ),
        N_("You see the donors you serve, and never a family."),
    ),
    Tour(
        Role.REVIEWER,
        N_("You check that the books are right."),
        (
            N_("Compare statements with stock cards and documents: every figure opens its lines."),
            N_("Look up a voucher by its serial number to see its whole life."),
            N_("Read the audit log: who did what, when and why. It cannot be changed."),
        ),
        N_("You see stock, rounds and statements everywhere you are assigned, and the whole audit log."),
    ),
    Tour(
        Role.ADMINISTRATOR,
        N_("You keep the house: people who sign in, donors, items, places and programmes."),
        (
            N_(
                "Add a person, choose the role and the sites. Give the first password in person; it is changed at first sign-in."
            ),
            N_(
                "Someone leaves? Close the account: open sessions end at once, and what they did keeps its author."
            ),
            N_("Keep the lists of donors, agreements, items with their packs, and places in order."),
            N_("Run “aidtrack verify” regularly; it checks that all books agree."),
        ),
        N_("You manage accounts and lists and see totals. You never see a family's case."),
    ),
)


def tour_for(role: Role | None) -> tuple[Tour, ...]:
    """The tour of one role; all of them where there is none."""
    return tuple(tour for tour in TOURS if role is None or tour.role is role)
