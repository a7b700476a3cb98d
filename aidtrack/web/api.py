"""The JSON API: one description at /api/v1/openapi.json, one shape of errors, bearer tokens."""

import json
from threading import Lock
from typing import Any

import marshmallow as ma
from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint

from aidtrack import __version__
from aidtrack.web.access import API_PREFIX, public

VERSION = "v1"
EXTENSION = "aidtrack_api"
ROOT = f"{API_PREFIX}{VERSION}"


class Problem(ma.Schema):
    """Every answer that is not a success."""

    code = ma.fields.String(required=True, metadata={"description": "stable, for programs"})
    message = ma.fields.String(required=True, metadata={"description": "a sentence for people"})
    facts = ma.fields.Dict(keys=ma.fields.String(), required=True)


class _Api(Api):
    """The API whose description is put together when somebody first reads it: no start waits for that."""

    ERROR_SCHEMA = Problem

    def __init__(self) -> None:
        super().__init__()
        self._options: dict[str, Any] = {}
        self._blueprints: list[ApiBlueprint] = []
        self._described: dict[str, Any] | None = None
        self._describing = Lock()

    def _init_spec(self, **options: Any) -> None:
        self._options = options

    def _register_error_handlers(self) -> None:
        """`aidtrack.web.problems` answers for the whole application, pages and programs alike."""

    def add(self, app: Flask, blueprint: "ApiBlueprint") -> None:
        app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        app.register_blueprint(blueprint)
        self._blueprints.append(blueprint)

    def description(self, app: Flask) -> dict[str, Any]:
        with self._describing:
            if self._described is None:
                self._described = self._describe(app)
            return self._described

    def _describe(self, app: Flask) -> dict[str, Any]:
        super()._init_spec(**self._options)
        scheme = {"type": "http", "scheme": "bearer", "description": "aidtrack token add --role … --site …"}
        self.spec.components.security_scheme("token", scheme)
        phone = {"type": "apiKey", "in": "header", "name": "Authorization", "description": "docs/sync.md"}
        self.spec.components.security_scheme("device", phone)
        self.spec.options["security"] = [{"token": []}]
        for blueprint in self._blueprints:
            blueprint.register_views_in_doc(self, app, self.spec, name=blueprint.name, parameters=None)
            self.spec.tag({"name": blueprint.name, "description": blueprint.description})
        made: dict[str, Any] = self.spec.to_dict()
        return made


class ApiBlueprint(Blueprint):
    """A room's part of the API: `@requires(…)` on each method, outermost below `route`.

    What the routes say of themselves is put together with the description, which no start waits for.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._told: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def _store_endpoint_docs(self, *arguments: Any, **options: Any) -> None:
        self._told.append((arguments, options))

    def register_views_in_doc(self, *arguments: Any, **options: Any) -> None:
        while self._told:
            told, said = self._told.pop(0)
            super()._store_endpoint_docs(*told, **said)
        super().register_views_in_doc(*arguments, **options)


def api_blueprint(
    name: str, import_name: str, *, description: str = "", url_prefix: str = ""
) -> ApiBlueprint:
    """A blueprint below /api/v1, for `register_api`. Its name ends in `_api` to differ from the pages'."""
    return ApiBlueprint(
        name if name.endswith("_api") else f"{name}_api",
        import_name,
        description=description,
        url_prefix=ROOT + url_prefix,
    )


def register_api(app: Flask, blueprint: ApiBlueprint) -> None:
    """Add a room's blueprint to the API and to its description. Bearer tokens need no form check."""
    from aidtrack.web import csrf_exempt

    csrf_exempt(app, blueprint)
    api: _Api = app.extensions[EXTENSION]
    api.add(app, blueprint)


_compact = json.JSONEncoder(separators=(",", ":")).encode


def quick_json(body: dict[str, Any], status: int) -> Response:
    """An answer in the shape its route describes, written as it is: neither sorted nor passed through a schema."""
    return Response(_compact(body), status, content_type="application/json")


def _info() -> dict[str, Any]:
    return {
        "title": "aidtrack",
        "version": __version__,
        "description": "Humanitarian aid from the donated pallet to the family and back to the donor.",
    }


def init_app(app: Flask) -> None:
    app.config.setdefault("OPENAPI_VERSION", "3.1.0")
    app.config.setdefault("API_TITLE", "aidtrack")
    app.config.setdefault("API_VERSION", __version__)
    api = _Api()
    api.init_app(app, spec_kwargs={"info": _info(), "servers": [{"url": "/"}]})
    app.extensions[EXTENSION] = api

    @app.get(f"{ROOT}/openapi.json")
    @public
    def openapi() -> ResponseReturnValue:
        return jsonify(api.description(app))
