"""Loading the demonstration into an empty database."""

from datetime import datetime

from flask import Flask

from aidtrack.db import db
from aidtrack.demo import cases, centre, places, today, year_2022
from aidtrack.demo.catalogue import stock_catalogue
from aidtrack.demo.stage import Progress, SignIn, Stage
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Who can sign in, and the round that is open today."""

    sign_ins: tuple[SignIn, ...]
    round_code: str
    place_code: str


def load(app: Flask, progress: Progress, *, now: datetime | None = None) -> DemoResult:
    """Build the centre of 2022 and an open round for today, in an empty migrated database.

    Deterministic for a given day: people, quantities, numbers on papers and short codes are the same each
    time. Passwords, keys and the centre's voucher tag are not: they must be secret.

    Args:
        now: the moment that counts as the present; None asks the clock.

    Raises:
        CentreExists: there is a centre in the database.
    """
    stage = Stage(now=now or utc_now())
    with app.app_context():
        try:
            progress("Centre and catalogue", 0, 1)
            centre.open_centre(stage)
            places.open_places(stage)
            stock_catalogue(stage)
            centre.invite_people(stage)
            progress("Centre and catalogue", 1, 1)
            year_2022.put_on_agenda(stage)
            open_round = today.put_on_agenda(stage)
            cases.put_on_agenda(stage)
            stage.agenda.run(lambda done, total: progress("Dnipro, 2022 to today", done, total))
        finally:
            db.session.remove()
    return DemoResult(tuple(stage.sign_ins), open_round.code, open_round.place)
