"""What a statement says about itself, in words: title, header, totals, and whether it closes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from aidtrack.kernel.quantity import BaseUnit, show
from aidtrack.reports.figures import Figure
from aidtrack.reports.scope import Named
from aidtrack.reports.statements import Statement
from aidtrack.reports.words import MEANINGS
from aidtrack.web.filters import day, moment


@dataclass(frozen=True)
class Printed:
    """A statement on its way to paper or a file, in one language."""

    statement: Statement
    language: str
    now: datetime
    checkpoint: str | None  # of the audit log, as given out with reports (see aidtrack.audit.chain)

    @property
    def title(self) -> str:
        title: str = gettext(
            "Statement for %(donor)s, %(start)s – %(end)s",
            donor=self.statement.scope.donor.name(self.language),
            start=day(self.statement.scope.period.start, self.language),
            end=day(self.statement.scope.period.end, self.language),
        )
        return title

    @property
    def facts(self) -> list[tuple[str, str]]:
        scope = self.statement.scope
        goods = scope.goods
        sites = ", ".join(site.name(self.language) for site in scope.sites)
        period = f"{day(scope.period.start, self.language)} – {day(scope.period.end, self.language)}"
        found = [
            (gettext("Centre"), sites),
            (gettext("Donor"), f"{scope.donor.name(self.language)} ({scope.donor.code})"),
        ]
        if goods.agreement_id is not None:
            found.append((gettext("Agreement"), self.agreement(scope.agreements.get(goods.agreement_id))))
        if goods.item_id is not None:
            found.append((gettext("Item"), scope.items[goods.item_id].name(self.language)))
        found += [
            (gettext("Period"), period),
            (gettext("Made"), moment(self.now, self.language)),
            (gettext("Ledger up to entry no."), str(self.statement.ledger_entry_id)),
        ]
        if self.checkpoint is not None:
            found.append((gettext("Audit checkpoint"), self.checkpoint))
        return found

    @property
    def figures(self) -> list[Figure]:
        """The columns to show: those that mostly stay empty only where they have something to say."""
        lines = self.statement.lines
        rare = {
            Figure.TRANSFERRED_IN,
            Figure.TRANSFERRED_OUT,
            Figure.TRANSFERRED_AWAY,
            Figure.SUSPENSE,
            Figure.IN_TRANSIT,
        }
        return [
            figure
            for figure in Figure
            if figure not in rare or any(line.balance.of(figure) for line in lines)
        ]

    def agreement(self, agreement: Named | None) -> str:
        return gettext("without an agreement") if agreement is None else agreement.code

    def meaning(self, figure: Figure) -> str:
        return str(gettext(MEANINGS[figure]))

    def totals(self) -> list[tuple[BaseUnit, dict[Figure, int]]]:
        """Sums of lines, apart for each unit: kilograms are never added to pieces."""
        sums: dict[BaseUnit, dict[Figure, int]] = defaultdict(lambda: dict.fromkeys(Figure, 0))
        for line in self.statement.lines:
            for figure in Figure:
                sums[line.item.unit][figure] += line.balance.of(figure)
        return sorted(sums.items(), key=lambda pair: list(BaseUnit).index(pair[0]))

    def closing_words(self) -> list[str]:
        """One sentence that it closes, or one for each line that does not."""
        made = self.statement
        if not made.lines:
            return [gettext("Nothing of this donor was held or moved in this period.")]
        if made.closes:
            return [
                gettext(
                    "The statement closes to the gram: opening + received − handed out − losses − passed on equals what is held."
                )
            ]
        return [
            gettext(
                "Does not close: %(item)s, difference %(quantity)s. Run the check of the books.",
                item=line.item.name(self.language),
                quantity=show(line.balance.difference, line.item.unit, self.language),
            )
            for line in made.lines
            if line.balance.difference
        ]
