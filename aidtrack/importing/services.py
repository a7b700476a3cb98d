"""An upload is kept, explained and forgotten. Reading and bringing in is `runs`, since it takes a while."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.importing import queries, reading, storage
from aidtrack.importing.commands import ConfirmWords, MapColumns, Upload
from aidtrack.importing.counting import Counting
from aidtrack.importing.errors import NoSuchMeaning
from aidtrack.importing.layouts import Context, layout
from aidtrack.importing.mapping import checked
from aidtrack.importing.meanings import allows
from aidtrack.importing.models import ImportFile, ImportMapping, ImportMeaning, ImportState
from aidtrack.importing.shape import Shape
from aidtrack.kernel.actor import Actor

KIND = "import_upload"


def upload(session: Session, command: Upload, *, actor: Actor, now: datetime) -> str:
    """Keep a file for a day, encrypted; gives its id. It was opened once, so it can be read.

    Raises:
        ImportRefused: it cannot be read, or there is no such kind of table.
        NotFound: the site is not the actor's.
    """
    actor.require(layout(command.layout).permission, site_id=command.site_id)
    source = reading.open_file(command.body, command.name)
    next(iter(source.rows()), None)
    forget_old(session, now=now)
    uid = str(command.command_id)
    content_hash = hashlib.sha256(command.body).digest()
    body = {"layout": command.layout, "site": command.site_id, "content": content_hash.hex()}
    if audit.already_done(session, command_id=uid, kind=KIND, body=body) is not None:
        return uid
    key = storage.new_key()
    storage.put(key, storage.CONTENT, command.body)
    made = ImportFile(
        uid=uid, site_id=command.site_id, layout=command.layout, name=command.name[:200] or "file",
        size=len(command.body), content_hash=content_hash, key=key, state=ImportState.UPLOADED, uploaded_at=now,
        uploaded_by=actor.label,
    )  # fmt: skip
    session.add(made)
    session.flush()  # its id goes into the audit row
    audit.record(
        session, actor=actor, action="importing.upload", now=now, object_type="import_file", object_id=made.id,
        site_id=command.site_id, facts={"layout": command.layout, "bytes": len(command.body), "kind": source.kind},
    )  # fmt: skip
    audit.mark_done(session, command_id=uid, kind=KIND, body=body, object_id=made.id, actor=actor, now=now)
    return uid


def forget_old(session: Session, *, now: datetime) -> None:
    """Keys of yesterday's files go, and with them what the files said."""
    before = now - timedelta(hours=storage.KEEP_HOURS)
    old = select(ImportFile).where(ImportFile.key.is_not(None), ImportFile.uploaded_at < before)
    for one in session.scalars(old):
        _forget(one)
    storage.tidy()


def forget(session: Session, uid: str, *, actor: Actor, now: datetime) -> None:
    """Remove a file and what was found in it; what was brought in stays."""
    found = queries.find(session, uid, actor, lock=True)
    _forget(found)
    audit.record(
        session, actor=actor, action="importing.forget", now=now, object_type="import_file", object_id=found.id,
        site_id=found.site_id,
    )  # fmt: skip


def _forget(found: ImportFile) -> None:
    storage.remove(found.key)
    # headings are a row of the file, and whatever was said for all rows is of it too
    found.key = found.reading = found.mapping = found.options = None
    if found.state != ImportState.APPLIED:
        found.state = ImportState.FORGOTTEN


def save_mapping(
    session: Session, command: MapColumns, shape: Shape, *, actor: Actor, now: datetime
) -> ImportFile:
    """Keep what a person said about the columns, for this file and for the next with the same headings.

    Raises:
        FieldNotMapped, ColumnTwice, ThingOfColumnUnknown, UnitOfColumnUnknown.
    """
    found = queries.find(session, command.uid, actor, lock=True)
    kind = layout(found.layout)
    known = {one.name for one in kind.fields if one.things is None}
    constants = {
        name: " ".join(text.split())[:200]
        for name, text in command.constants.items()
        if name in known and text.strip() and name not in command.mapping.values()
    }
    mapping = checked(command.mapping, kind, width=len(shape.headings), constants=constants)
    if kind.counted is not None:
        context = Context(actor, now, found.site_id)
        mapping = Counting(session, context, kind).said(mapping, command.things)
    options = {
        **{one.name: bool(command.options.get(one.name, False)) for one in kind.options},
        "continue_above": bool(command.options.get("continue_above", False)),
        "mend_letters": bool(command.options.get("mend_letters", False)),
        "point": bool(command.options.get("point", False)),
        "constants": constants,
    }
    found.reading = {
        "encoding": command.choice.encoding, "delimiter": command.choice.delimiter, "sheet": command.choice.sheet,
        "header_row": shape.header_row, "header_rows": shape.header_rows, "data_after": shape.data_after,
        "headings": list(shape.headings),
    }  # fmt: skip
    found.mapping = {str(column): target for column, target in mapping.items()}
    found.options = options
    found.state, found.counts = ImportState.UPLOADED, None
    values: dict[str, Any] = {
        "mapping": found.mapping, "options": options, "changed_at": now, "changed_by": actor.label,
    }  # fmt: skip
    where = (
        ImportMapping.site_id == found.site_id,
        ImportMapping.layout == found.layout,
        ImportMapping.shape_hash == shape.fingerprint,
    )
    if session.scalar(select(ImportMapping.id).where(*where)) is None:
        session.execute(
            insert(ImportMapping).values(
                site_id=found.site_id, layout=found.layout, shape_hash=shape.fingerprint, **values
            )
        )
    else:
        session.execute(update(ImportMapping).where(*where).values(values))
    return found


def confirm_words(session: Session, command: ConfirmWords, *, actor: Actor, now: datetime) -> int:
    """Remember what words mean, for every later file of this site; gives how many.

    Raises:
        NoSuchMeaning: it is not in the word's list.
    """
    found = queries.find(session, command.uid, actor, lock=True)
    kind = layout(found.layout)
    lists = {one.words for one in kind.fields if one.words}
    words = kind.words(session, Context(actor, now, found.site_id))
    chosen = {pair: meaning for pair, meaning in command.meanings.items() if meaning and pair[0] in lists}
    if not all(allows(words.get(list_name), meaning) for (list_name, _written), meaning in chosen.items()):
        raise NoSuchMeaning
    for (list_name, written), meaning in chosen.items():
        where = (
            ImportMeaning.site_id == found.site_id,
            ImportMeaning.list_name == list_name,
            ImportMeaning.written == written[:200],
        )
        session.execute(delete(ImportMeaning).where(*where))
        session.execute(
            insert(ImportMeaning).values(
                site_id=found.site_id, list_name=list_name[:40], written=written[:200], meaning=meaning[:80],
                changed_at=now, changed_by=actor.label,
            )
        )  # fmt: skip
    audit.record(
        session, actor=actor, action="importing.confirm_words", now=now, object_type="import_file",
        object_id=found.id, site_id=found.site_id, facts={"words": len(chosen)},
    )  # fmt: skip
    return len(chosen)
