"""One application per kind of database for all tests of a run: building it takes longer than most of them.

Between two tests it gets back everything that a test may change of it, and a database without their rows.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from aidtrack.config import Config
from aidtrack.web.jobs import THREADS

A_JOB_ENDS_WITHIN = 60.0


def _copied(value: Any) -> Any:
    return value.copy() if type(value) in (list, dict, set) else value


@dataclass
class OneApp:
    """The application on the database that is always emptied again."""

    app: Flask
    generation: int
    _left: list[Any] = field(default_factory=list)  # pools that had lent a connection when they were given up
    _config: dict[str, Any] = field(init=False)
    _extensions: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._config = dict(self.app.config)
        self._extensions = {name: _copied(value) for name, value in self.app.extensions.items()}

    def take_back(self, config: Config, generation: int) -> Flask:
        """As good as new, on a database of that generation."""
        from aidtrack.db.vault import Vault, use_vault
        from aidtrack.web import jobs

        app = self.app
        app.config.clear()
        app.config.update(self._config, AIDTRACK=config)
        app.extensions.clear()
        app.extensions.update((name, _copied(value)) for name, value in self._extensions.items())
        app.instance_path = str(config.instance)
        jobs.init_app(app)
        use_vault(Vault(config.data_key))
        if generation != self.generation:
            self._forget_connections()
            self.generation = generation
        self._forget_keys()
        return app

    def rest(self) -> None:
        """After a test: nothing of it runs on, no connection of it is lent."""
        from aidtrack.db import db
        from aidtrack.scanner.pack import building

        for thread in threading.enumerate():
            if thread.name.startswith(THREADS):
                thread.join(timeout=A_JOB_ENDS_WITHIN)
        with self.app.app_context():
            db.session.remove()
            building._kept.clear()  # kept by database, and this one gets other rows
            pool: Any = db.engine.pool
        if pool.checkedout():
            self._forget_connections()
        for old in self._left:
            old.dispose()

    def _forget_keys(self) -> None:
        """Households of other tests had the same numbers."""
        from aidtrack.db import db, sealing

        with self.app.app_context(), db.engine.connect() as connection:
            keyring = sealing.keyring_of(connection)
        keyring.forget()
        sealing._latest[:] = [keyring]
        sealing._reading.set(None)

    def _forget_connections(self) -> None:
        """Begin with new ones. One that is lent still comes back to its old pool, and is closed there.

        A pool that nobody knows any more would be collected with it some tests later, which then fails for it.
        """
        from aidtrack.db import db

        with self.app.app_context():
            pool: Any = db.engine.pool
            if pool.checkedout():
                self._left.append(pool)
            db.engine.dispose()


@dataclass
class Apps:
    """The applications of a run, made when they are first asked for."""

    make: Callable[[Config], Flask]
    _made: dict[str, OneApp] = field(default_factory=dict)

    def of(self, config: Config, generation: int) -> OneApp:
        known = self._made.get(config.database_url)
        if known is None:
            known = self._made[config.database_url] = OneApp(self.make(config), generation)
        known.take_back(config, generation)
        return known

    def close(self) -> None:
        for one in self._made.values():
            one.rest()
            one._forget_connections()
