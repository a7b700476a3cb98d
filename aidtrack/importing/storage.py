"""Uploaded files and what was found in them, encrypted in the instance folder, for a day.

Each upload has a key of its own, kept in its row under the site's data key: the folder alone opens nothing, and
forgetting the key forgets the file.
"""

import contextlib
import hashlib
import io
import json
import time
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, current_app

from aidtrack.importing.errors import FileForgotten

KEEP_HOURS = 24
CONTENT, RESULT, ROWS = "file", "result", "lines"


def new_key() -> str:
    return Fernet.generate_key().decode()


def folder(app: Flask | None = None) -> Path:
    path = Path((app or current_app).instance_path) / "import"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _path(key: str, what: str) -> Path:
    return folder() / f"{hashlib.sha256(key.encode()).hexdigest()}.{what}"


def put(key: str, what: str, body: bytes) -> None:
    made = _path(key, what)
    part = made.with_suffix(f".{what}.part")
    part.write_bytes(Fernet(key.encode()).encrypt(body))
    part.replace(made)  # a reader never meets half a file


def get(key: str | None, what: str) -> bytes:
    """What was put there, for a day and no longer, tidied away or not. Raises FileForgotten."""
    if key is None:
        raise FileForgotten
    file = _path(key, what)
    try:
        if file.stat().st_mtime < time.time() - KEEP_HOURS * 3600:
            raise FileForgotten
        return Fernet(key.encode()).decrypt(file.read_bytes())
    except (OSError, InvalidToken):
        raise FileForgotten from None


def put_rows(key: str, reading: Any, rows: Iterable[Any], faults: Any) -> None:
    """Rows as they were read, so that bringing them in does not open the workbook once more.

    A line each: a hundred thousand rows as one value would be held twice while they are read back.
    """
    packer = zlib.compressobj(1)
    packed = [
        packer.compress(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        for one in chain([[reading, faults]], rows)
    ]
    put(key, ROWS, b"".join([*packed, packer.flush()]))


def get_rows(key: str | None, reading: Any) -> tuple[Iterator[Any], list[Any]] | None:
    """The rows and faults, if they were read in this very way; else None."""
    try:
        lines = io.BytesIO(zlib.decompress(get(key, ROWS)))
    except FileForgotten:
        return None
    said, faults = json.loads(next(lines))
    return (map(json.loads, lines), faults) if said == reading else None


def put_result(key: str, result: dict[str, Any]) -> None:
    body = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode()
    put(key, RESULT, zlib.compress(body, 3))


def get_result(key: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(get(key, RESULT)))
    return found


def remove(key: str | None) -> None:
    if key is not None:
        for what in (CONTENT, RESULT, ROWS):
            with contextlib.suppress(OSError):
                _path(key, what).unlink(missing_ok=True)


def tidy() -> None:
    """Remove what is older than a day, whoever left it."""
    limit = time.time() - KEEP_HOURS * 3600
    for file in folder().iterdir():
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < limit:
                file.unlink(missing_ok=True)
