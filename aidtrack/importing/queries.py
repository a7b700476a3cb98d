"""Reads of this room: a file is its uploader's own business, whatever their role."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.importing.layouts import layout
from aidtrack.importing.models import ImportFile, ImportMapping, ImportMeaning
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

MOST_LISTED = 25


@dataclass(frozen=True, slots=True)
class FileRow:
    """One line of a person's imports."""

    uid: str
    name: str
    layout: str
    state: str
    uploaded_at: datetime
    counts: dict[str, Any] | None


def find(session: Session, uid: str, actor: Actor, *, lock: bool = False) -> ImportFile:
    """The upload, if it is the actor's own, at one of their sites, and of a kind they may bring in; else NotFound."""
    statement = select(ImportFile).where(
        ImportFile.uid == uid,
        ImportFile.uploaded_by == actor.label,
        ImportFile.site_id.in_(sorted(actor.site_ids)),
    )
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound
    actor.require(layout(found.layout).permission, site_id=found.site_id)
    return found


def own(session: Session, actor: Actor) -> list[FileRow]:
    """The actor's own uploads, newest first."""
    rows = session.execute(
        select(
            ImportFile.uid, ImportFile.name, ImportFile.layout, ImportFile.state, ImportFile.uploaded_at,
            ImportFile.counts,
        )
        .where(ImportFile.uploaded_by == actor.label, ImportFile.site_id.in_(sorted(actor.site_ids)))
        .order_by(ImportFile.id.desc())
        .limit(MOST_LISTED)
    )  # fmt: skip
    return [FileRow(*row) for row in rows]


def remembered_mapping(
    session: Session, site_id: int, layout_code: str, fingerprint: bytes
) -> tuple[dict[int, str], dict[str, Any]] | None:
    """What a person said the last time a file with these headings came."""
    row = session.execute(
        select(ImportMapping.mapping, ImportMapping.options).where(
            ImportMapping.site_id == site_id,
            ImportMapping.layout == layout_code,
            ImportMapping.shape_hash == fingerprint,
        )
    ).one_or_none()
    return None if row is None else ({int(at): str(to) for at, to in row.mapping.items()}, dict(row.options))


def meanings(session: Session, site_id: int) -> dict[str, dict[str, str]]:
    """Every word a person of this site explained, by list."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    rows = session.execute(
        select(ImportMeaning.list_name, ImportMeaning.written, ImportMeaning.meaning).where(
            ImportMeaning.site_id == site_id
        )
    )
    for list_name, written, meaning in rows:
        found[list_name][written] = meaning
    return dict(found)
