"""The JSON API: one description at /api/v1/openapi.json, one shape of errors, bearer tokens."""

import json
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
    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """`aidtrack.web.problems` answers for the whole application, pages and programs alike."""


class ApiBlueprint(Blueprint):
    """A room's part of the API: `@requires(…)` on each method, outermost below `route`."""


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
    app.extensions[EXTENSION].register_blueprint(blueprint)


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
    scheme = {"type": "http", "scheme": "bearer", "description": "aidtrack token add --role … --site …"}
    api.spec.components.security_scheme("token", scheme)
    phone = {"type": "apiKey", "in": "header", "name": "Authorization", "description": "docs/sync.md"}
    api.spec.components.security_scheme("device", phone)
    api.spec.options["security"] = [{"token": []}]
    app.extensions[EXTENSION] = api

    @app.get(f"{ROOT}/openapi.json")
    @public
    def openapi() -> ResponseReturnValue:
        return jsonify(api.spec.to_dict())
