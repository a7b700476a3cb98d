"""Imports for programs: upload, say what the columns are, dry run, result, bring in. One's own files only."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import url_for
from flask.views import MethodView
from flask_babel import gettext
from sqlalchemy import select

from aidtrack.accounts.models import Site
from aidtrack.db import read_session, unit_of_work
from aidtrack.importing import pages, queries, services
from aidtrack.importing.access import ANY_LAYOUT
from aidtrack.importing.commands import ConfirmWords, MapColumns, Mode, Upload
from aidtrack.importing.errors import FileForgotten
from aidtrack.importing.layouts import Context, layouts_for
from aidtrack.importing.models import ImportFile, ImportState
from aidtrack.importing.reading import Choice, column_letter
from aidtrack.importing.views import APPLY, TRY, run_of, start_bringing_in, start_try_out
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import NotFound
from aidtrack.web import api_blueprint, current_actor, requires_any
from aidtrack.web.jobs import jobs, problem

blueprint = api_blueprint("importing", __name__, description="Tables brought in: upload, dry run, result")


class UploadBody(ma.Schema):
    """`id` is made by the client, once for each file."""

    id = ma.fields.UUID(required=True)
    layout = ma.fields.String(required=True, metadata={"description": "families, items, opening or receipts"})
    site = ma.fields.String(required=True, metadata={"description": "code of a site"})


class FileBody(ma.Schema):
    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class ColumnsBody(ma.Schema):
    """What is what. Whatever is left out is guessed from the headings or taken as it was said before."""

    columns = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        load_default=None,
        allow_none=True,
        metadata={
            "description": 'field by column letter, like {"A": "surname", "F": "surname#2"}; a column that counts '
            'one item names it and its unit: {"I": "amount@RICE@kg"}'
        },
    )
    constants = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        load_default=dict,
        metadata={"description": "field -> what holds for all rows"},
    )
    options = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Boolean(), load_default=dict)
    encoding = ma.fields.String(load_default=None, allow_none=True)
    delimiter = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(1, 1))
    sheet = ma.fields.String(load_default=None, allow_none=True)
    header_row = ma.fields.Integer(
        load_default=None, allow_none=True, validate=ma.validate.Range(1, 1_000_000)
    )
    header_rows = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, 3))


class Word(ma.Schema):
    list = ma.fields.String(required=True)
    written = ma.fields.String(required=True)
    meaning = ma.fields.String(
        required=True, metadata={"description": "a code of the list, or - to leave it out"}
    )


class WordsBody(ma.Schema):
    words = ma.fields.List(ma.fields.Nested(Word), required=True, validate=ma.validate.Length(max=1000))


class ApplyBody(ma.Schema):
    mode = ma.fields.Enum(Mode, by_value=True, required=True)


class FindingsQuery(ma.Schema):
    start = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 10_000_000))
    most = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))


class UnknownWord(ma.Schema):
    list_name = ma.fields.String(required=True, data_key="list")
    written = ma.fields.String(required=True)
    times = ma.fields.Integer(required=True)
    row = ma.fields.Integer(required=True)


class ImportAnswer(ma.Schema):
    """An upload as it stands. While a run is on its way `state` is checking or applying."""

    id = ma.fields.String(required=True)
    layout = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    columns = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    headings = ma.fields.List(ma.fields.String(), required=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), required=True)
    unknown_words = ma.fields.List(ma.fields.Nested(UnknownWord), required=True)
    done = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    problem = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "why the last run ended"}
    )
    result = ma.fields.String(required=True, metadata={"description": "address of its page"})


class FindingAnswer(ma.Schema):
    """Something about one cell; a note keeps nothing out."""

    row = ma.fields.Integer(required=True)
    column = ma.fields.String(required=True, allow_none=True, metadata={"description": "letter"})
    field = ma.fields.String(required=True)
    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    is_note = ma.fields.Boolean(required=True)


def _answer(uid: str) -> dict[str, Any]:
    job = jobs().latest(run_of(uid))
    running = job is not None and not job.finished  # asked before the row is read: a run ends after it wrote
    found = queries.find(read_session(), uid, current_actor())
    unknown: tuple[dict[str, Any], ...] = ()
    if found.state in (ImportState.CHECKED, ImportState.APPLIED) and found.key is not None:
        unknown = pages.result_of(found).unknown
    return {
        "id": found.uid,
        "layout": found.layout,
        "state": {TRY: "checking", APPLY: "applying"}[job.kind] if running and job else str(found.state),
        "columns": {column_letter(int(at)): target for at, target in (found.mapping or {}).items()},
        "headings": (found.reading or {}).get("headings", []),
        "counts": {name: value for name, value in (found.counts or {}).items() if name != "basis"},
        "unknown_words": list(unknown),
        "done": job.done if job else 0,
        "total": job.total if job else 0,
        "problem": problem(job),
        "result": url_for("importing.show", uid=uid),
    }


def _kept(uid: str) -> ImportFile:
    found = queries.find(read_session(), uid, current_actor())
    if found.key is None:
        raise FileForgotten
    return found


def place_of_letters(letters: str) -> int:
    """The column that a spreadsheet calls so, from 0; -1 for anything else."""
    place = 0
    for letter in letters.strip().upper():
        if not "A" <= letter <= "Z" or place > 1000:
            return -1
        place = place * 26 + ord(letter) - 64
    return place - 1


@blueprint.route("/imports")
class Imports(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.arguments(UploadBody, location="form")
    @blueprint.arguments(FileBody, location="files")
    @blueprint.response(201, ImportAnswer)
    def post(self, body: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
        """Upload a file. Nothing of it is brought in yet."""
        actor = current_actor()
        site_id = read_session().scalar(
            select(Site.id).where(Site.code == body["site"], Site.id.in_(sorted(actor.site_ids)))
        )
        if site_id is None:
            raise NotFound(field="site")
        sent = files["file"]
        command = Upload(body["id"], site_id, body["layout"], sent.filename or "", sent.read())
        with unit_of_work() as session:
            uid = services.upload(session, command, actor=actor, now=utc_now())
        return _answer(uid)


@blueprint.route("/imports/<uuid:import_uid>")
class Import(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.response(200, ImportAnswer)
    def get(self, import_uid: UUID) -> dict[str, Any]:
        """How far it is and what was found."""
        return _answer(str(import_uid))


@blueprint.route("/imports/<uuid:import_uid>/dry-run")
class DryRun(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.arguments(ColumnsBody)
    @blueprint.response(202, ImportAnswer)
    def post(self, body: dict[str, Any], import_uid: UUID) -> dict[str, Any]:
        """Say what the columns are and try it out. Nothing is brought in; ask for the result."""
        uid, actor, session = str(import_uid), current_actor(), read_session()
        found = _kept(uid)
        choice = Choice(body["encoding"], body["delimiter"], body["sheet"])
        shown = pages.preview(
            session, found, choice, header_row=body["header_row"], header_rows=body["header_rows"],
            context=Context(actor, utc_now(), found.site_id),
        )  # fmt: skip
        said = body["columns"]
        mapping = (
            shown.mapping if said is None else {place_of_letters(letter): to for letter, to in said.items()}
        )
        command = MapColumns(
            uid, mapping, {**shown.options, **body["options"]}, body["constants"], choice,
            shown.shape.header_row, shown.shape.header_rows,
        )  # fmt: skip
        with unit_of_work() as writing:
            services.save_mapping(writing, command, shown.shape, actor=actor, now=utc_now())
        start_try_out(uid)
        return _answer(uid)


@blueprint.route("/imports/<uuid:import_uid>/words")
class Words(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.arguments(WordsBody)
    @blueprint.response(202, ImportAnswer)
    def post(self, body: dict[str, Any], import_uid: UUID) -> dict[str, Any]:
        """Say what words mean, for this file and every later one of the site; the dry run begins anew."""
        uid = str(import_uid)
        _kept(uid)
        meanings = {(one["list"], one["written"]): one["meaning"] for one in body["words"]}
        with unit_of_work() as session:
            services.confirm_words(session, ConfirmWords(uid, meanings), actor=current_actor(), now=utc_now())
        start_try_out(uid)
        return _answer(uid)


@blueprint.route("/imports/<uuid:import_uid>/apply")
class Apply(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.arguments(ApplyBody)
    @blueprint.response(202, ImportAnswer)
    def post(self, body: dict[str, Any], import_uid: UUID) -> dict[str, Any]:
        """Bring in what the dry run found: all or nothing, or the good rows now."""
        uid = str(import_uid)
        _kept(uid)
        start_bringing_in(uid, body["mode"])
        return _answer(uid)


@blueprint.route("/imports/<uuid:import_uid>/findings")
class Findings(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.arguments(FindingsQuery, location="query")
    @blueprint.response(200, FindingAnswer(many=True))
    def get(self, query: dict[str, int], import_uid: UUID) -> list[dict[str, Any]]:
        """What is wrong or to be noted, by row and column, in the order of the file."""
        found = _kept(str(import_uid))
        if found.state not in (ImportState.CHECKED, ImportState.APPLIED):
            return []
        result = pages.result_of(found, start=query["start"], most=query["most"])
        return [
            {
                "row": one.row,
                "column": column_letter(one.column) if one.column >= 0 else None,
                "field": one.field,
                "code": one.code,
                "message": pages.sentence(one),
                "is_note": one.kind == "note",
            }
            for one in result.findings
        ]


class LayoutField(ma.Schema):
    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    needed = ma.fields.Boolean(required=True)
    repeats = ma.fields.Boolean(required=True)


class LayoutAnswer(ma.Schema):
    """A kind of table."""

    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    fields_ = ma.fields.List(
        ma.fields.Nested(LayoutField), required=True, data_key="fields", attribute="fields"
    )
    options = ma.fields.List(ma.fields.String(), required=True)


@blueprint.route("/import-layouts")
class Layouts(MethodView):
    @requires_any(*ANY_LAYOUT)
    @blueprint.response(200, LayoutAnswer(many=True))
    def get(self) -> list[dict[str, Any]]:
        """The tables this token may bring in, and their fields."""
        return [
            {
                "code": one.code,
                "name": gettext(one.label),
                "fields": [
                    {
                        "name": field.name,
                        "label": gettext(field.label),
                        "needed": field.needed,
                        "repeats": field.repeats,
                    }
                    for field in one.fields
                ],
                "options": [option.name for option in one.options],
            }
            for one in layouts_for(current_actor())
        ]
