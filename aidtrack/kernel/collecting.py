"""Work that makes very many objects and leaves no cycles behind: looking for garbage meanwhile is in vain."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collecting() -> Iterator[None]:
    """While rooms are loaded that is a tenth of a start, in a walk over many rows up to a third of it.

    Around a portion of a walk, not the whole: what other threads leave behind waits as long.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
