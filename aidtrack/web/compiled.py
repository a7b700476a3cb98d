"""Templates stay compiled from start to start, where Python keeps its own compiled modules.

Compiling those of the first page was a thirtieth of a start, and the tests compile the same ones in every process.
"""

import hashlib
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from aidtrack.web import filters, layout


class CompiledTemplates(FileSystemBytecodeCache):
    """Jinja's own files, made anew when a template, Jinja or Python changes; and when what is named here does."""

    def __init__(self, folder: Path, made_with: tuple[str, ...]) -> None:
        """`made_with` are sources of filters and settings: Jinja works out at once what filters make of constants."""
        super().__init__(str(folder))
        self._made_with = hashlib.sha256(
            b"".join(Path(source).read_bytes() for source in made_with)
        ).hexdigest()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(f"{self._made_with} {name}", filename)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):  # a package that cannot be written is compiled at each start, as ever
                super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    folder = Path(cache_from_source(__file__)).parent
    app.jinja_env.bytecode_cache = CompiledTemplates(folder, (filters.__file__, layout.__file__))
