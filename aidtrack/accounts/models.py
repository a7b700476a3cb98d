"""People who sign in, the sites they may act at, their sessions, and API tokens."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, UtcDateTime, enum_type, moment, pk
from aidtrack.kernel.actor import Role


class Site(Base):
    """A branch of the centre: the unit of visibility. Households, places and people belong to sites."""

    __tablename__ = "site"
    id: Mapped[pk]
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(48), default="Europe/Kyiv")
    katottg: Mapped[str | None] = mapped_column(String(19))


class UserAccount(Base):
    """A person who signs in. Never deleted: deactivated, so that old acts keep their author."""

    __tablename__ = "user_account"
    id: Mapped[pk]
    login: Mapped[str] = mapped_column(String(80), unique=True)  # lower case
    display_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="uk")
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[moment]
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UserSite(Base):
    """A site this person may act at."""

    __tablename__ = "user_site"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), primary_key=True)


class UserDonor(Base):
    """A donor this liaison serves. The donor lives in `inventory`, which stands to the right: no key."""

    __tablename__ = "user_donor"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    donor_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class SignInSession(Base):
    """A session lives here and not in the cookie: it dies with its row or with its account (I18)."""

    __tablename__ = "sign_in_session"
    id: Mapped[pk]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[moment]
    seen_at: Mapped[moment]
    expires_at: Mapped[moment]


class SignInAttempt(Base):
    """A failed sign-in, counted by login and by address hash to slow guessing down."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[pk]
    subject_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    at: Mapped[moment]


class ApiToken(Base):
    """A program's bearer token: a role at some sites, shown once, kept as a hash."""

    __tablename__ = "api_token"
    id: Mapped[pk]
    label: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    created_at: Mapped[moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenSite(Base):
    """A site this token may act at."""

    __tablename__ = "token_site"
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), primary_key=True)


class TokenDonor(Base):
    """A donor this liaison token may report on."""

    __tablename__ = "token_donor"
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True)
    donor_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class Centre(Base):
    """The one row that says whose installation this is."""

    __tablename__ = "centre"
    id: Mapped[pk]
    name_uk: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    edrpou: Mapped[str | None] = mapped_column(String(8))
    deployment_tag: Mapped[bytes] = mapped_column(LargeBinary(4))  # tells our vouchers from foreign ones
