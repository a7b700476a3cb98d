"""From where on an act needs a second person (docs/rules.md#second-person)."""

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """A site's own figures. 0 asks a second person for everything."""

    loss_percent: int  # of what the book says of the lot at the place
    reprints_a_day: int  # that one person makes alone at a site
    loss_days: int = 30  # over which small losses and differences are added up


USUAL = Threshold(loss_percent=2, reprints_a_day=5)


def loss_needs_two(threshold: Threshold, *, book: int, difference: int, theft: bool) -> bool:
    """Whether goods may not leave the book, or come to it, on one person's word alone."""
    return theft or abs(difference) * 100 > book * threshold.loss_percent


def together_need_two(threshold: Threshold, *, handled: int, units: int) -> bool:
    """Whether differences that were small one by one are too much together.

    Args:
        handled: what the place had of the item in those days.
        units: differences of those days that one person alone let pass, the new one included, whatever their sign.
    """
    return units * 100 > handled * threshold.loss_percent


def reprint_needs_two(threshold: Threshold, *, made_today: int) -> bool:
    return made_today >= threshold.reprints_a_day
