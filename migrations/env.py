"""Alembic's entry: runs on the engine that `aidtrack.db.migrate` hands over."""

from alembic import context
from sqlalchemy.engine import Engine

import aidtrack.tables  # noqa: F401  (every mapping must be known before the comparison)
from aidtrack.db import Base

engine: Engine = context.config.attributes["engine"]

with engine.connect().execution_options(aidtrack_writes=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
