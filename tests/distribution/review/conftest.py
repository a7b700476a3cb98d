"""The centre with phones of the field's tests; every unit forgets who asked before."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from tests.distribution.field.conftest import place as place  # a fixture of this folder too


@pytest.fixture
def unit(app: Flask) -> Callable[[], AbstractContextManager[Session]]:
    @contextmanager
    def opened() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return opened
