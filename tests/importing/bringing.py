"""Bring a file in as the pages do, without waiting for a thread."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from aidtrack.db import db, read_session, unit_of_work
from aidtrack.importing import pages, queries, runs, services
from aidtrack.importing.commands import ConfirmWords, MapColumns, Mode, Upload
from aidtrack.importing.layouts import Finding
from aidtrack.importing.reading import Choice
from aidtrack.importing.runs import unpacked
from aidtrack.importing.storage import get_result
from aidtrack.kernel.actor import Actor


class Bringing:
    """One file on its way in. Needs a pushed application context."""

    def __init__(
        self, actor: Actor, layout: str, body: bytes, *, now: datetime, site_id: int | None = None
    ) -> None:
        self.actor, self.now = actor, now
        [own] = actor.site_ids if site_id is None else [site_id]
        with unit_of_work() as session:
            self.uid = services.upload(
                session, Upload(uuid4(), own, layout, "register.csv", body), actor=actor, now=now
            )

    def columns(
        self,
        mapping: Mapping[int, str] | None = None,
        *,
        choice: Choice | None = None,
        constants: Mapping[str, str] | None = None,
        **options: bool,
    ) -> "Bringing":
        """Say what the columns are: as guessed, with some said otherwise ("" leaves a column out)."""
        found = queries.find(read_session(), self.uid, self.actor)
        shown = pages.preview(read_session(), found, choice or Choice())
        said = {**shown.mapping, **(mapping or {})}
        command = MapColumns(
            self.uid, {at: to for at, to in said.items() if to}, {**shown.options, **options}, constants or {},
            choice or Choice(), shown.shape.header_row, shown.shape.header_rows,
        )  # fmt: skip
        with unit_of_work() as session:
            services.save_mapping(session, command, shown.shape, actor=self.actor, now=self.now)
        return self

    def say(self, list_name: str, **meanings: str) -> "Bringing":
        return self.say_words({(list_name, written): meaning for written, meaning in meanings.items()})

    def say_words(self, meanings: Mapping[tuple[str, str], str]) -> "Bringing":
        with unit_of_work() as session:
            services.confirm_words(session, ConfirmWords(self.uid, meanings), actor=self.actor, now=self.now)
        return self

    def try_out(self) -> dict[str, Any]:
        return runs.try_out(self.uid, actor=self.actor, now=self.now)

    def bring_in(self, mode: Mode = Mode.GOOD) -> dict[str, Any]:
        return runs.bring_in(self.uid, mode, actor=self.actor, now=self.now)

    @property
    def result(self) -> dict[str, Any]:
        found = queries.find(read_session(), self.uid, self.actor)
        key = found.key
        db.session.remove()
        return get_result(key)

    def findings(self) -> list[Finding]:
        return [unpacked(one) for one in self.result["findings"]]

    def wrong(self) -> set[tuple[int, str, str]]:
        """(row, field, code) of every finding."""
        return {(one.row, one.field, one.code) for one in self.findings()}
