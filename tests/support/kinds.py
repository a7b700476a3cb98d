"""Tests that one kind of database is enough for: what a page says, how a form is judged, what a role may not do.

Whatever locks, searches, sorts, counts or meets a constraint is asked of both kinds. Where tests ask the same code the same
questions, those left on both send PostgreSQL every statement of the product that any of them makes it send. A file whose
tests are mostly about words imports `database_url` from here, and marks those that are not with `on_both`.
"""

import pytest

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh SQLite database; of each kind for a test that is `on_both`."""
    url = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    assert isinstance(url, str)
    return url
