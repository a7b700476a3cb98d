"""The declarative base and the Flask extension that holds the engine."""

from contextlib import suppress

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every mapping inherits this one (`db.Model` would be `Any` to the type checker).

    The naming convention gives every constraint a name, without which SQLite's batch migrations
    cannot drop one.
    """

    metadata = MetaData(naming_convention=NAMING)


class Reading(Session):
    """The request's session for reading. It ends with COMMIT, although it wrote nothing.

    At every ROLLBACK psycopg forgets the statements it has prepared on the connection, and PostgreSQL would take apart
    and plan every question of every page anew: half a millisecond each, where most take less to be answered.
    """

    def end(self) -> None:
        """Let go of what was read; the next question sees what is committed by then."""
        if self.in_transaction() and self.is_active and not (self.new or self.dirty or self.deleted):
            with suppress(SQLAlchemyError):  # of a connection that is gone: closing it says so
                self.commit()
        self.rollback()

    def close(self) -> None:
        self.end()
        super().close()


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": Reading})
