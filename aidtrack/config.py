"""Configuration from the environment. In production every secret must be given; nothing has a default."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from aidtrack.kernel.late import dataclass

DATABASE_URL = "AIDTRACK_DATABASE_URL"
SECRET_KEY = "AIDTRACK_SECRET_KEY"  # noqa: S105  (the name of a variable)
DATA_KEY = "AIDTRACK_DATA_KEY"
OLD_DATA_KEY = "AIDTRACK_OLD_DATA_KEY"
ENVIRONMENT = "AIDTRACK_ENV"
INSTANCE = "AIDTRACK_INSTANCE"
DEVELOPMENT_KEYS = "development-keys.json"


class ConfigurationError(Exception):
    """The program cannot start like this; the message says which variable to set."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the application needs to start.

    `secret_key` signs cookies and form tokens; `data_key` (32 bytes) encrypts identifying fields and must
    be kept as carefully as the database backup, apart from it. A data key that followed another brings that one's
    hash key along, and the old one itself for as long as not everything is sealed anew (docs/keys.md).
    """

    database_url: str
    secret_key: str
    data_key: bytes
    production: bool
    instance: Path
    testing: bool = False
    hash_key: bytes | None = None
    old_data_key: bytes | None = None


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read the environment.

    `AIDTRACK_ENV` is `production` unless `start.py` or a developer says `development`; only then are keys
    made at the first start and kept in the instance folder, readable by its owner alone.
    """
    env = os.environ if environ is None else environ
    production = env.get(ENVIRONMENT, "production") != "development"
    instance = instance_folder(env)
    if production:
        missing = [name for name in (SECRET_KEY, DATA_KEY) if not env.get(name)]
        if missing:
            raise ConfigurationError(
                f"set {' and '.join(missing)} (or {ENVIRONMENT}=development for a trial on this machine); "
                "`aidtrack keys` makes good ones"
            )
    made = {} if production else _development_keys(instance)
    instance.mkdir(parents=True, exist_ok=True)
    data_key, hash_key = _data_key(env.get(DATA_KEY) or made["data_key"], DATA_KEY)
    old = env.get(OLD_DATA_KEY)
    return Config(
        database_url=database_url(env),
        secret_key=_long_enough(env.get(SECRET_KEY) or made["secret_key"]),
        data_key=data_key,
        hash_key=hash_key,
        old_data_key=_data_key(old, OLD_DATA_KEY)[0] if old else None,
        production=production,
        instance=instance,
    )


def instance_folder(env: Mapping[str, str]) -> Path:
    return Path(env.get(INSTANCE) or "instance").resolve()


def database_url(env: Mapping[str, str]) -> str:
    """The database named, or a SQLite file in the instance folder. Needs no secret, as migrations do."""
    url = env.get(DATABASE_URL) or f"sqlite:///{instance_folder(env) / 'aidtrack.sqlite3'}"
    for usual in ("postgresql://", "postgres://"):
        if url.startswith(usual):
            return "postgresql+psycopg://" + url.removeprefix(usual)
    return url


def has_development_keys(env: Mapping[str, str]) -> bool:
    """Whether a trial was started here before."""
    return (instance_folder(env) / DEVELOPMENT_KEYS).exists()


def new_data_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _long_enough(text: str) -> str:
    if len(text) < 32:
        raise ConfigurationError(f"{SECRET_KEY} must have at least 32 characters")
    return text


def _data_key(text: str, name: str) -> tuple[bytes, bytes | None]:
    """The key, and behind a dot the hash key of the one it followed."""
    parts = []
    for part in text.strip().split("."):
        try:
            parts.append(base64.urlsafe_b64decode(part))
        except ValueError:
            parts.append(b"")
    if len(parts) > 2 or min(map(len, parts)) < 32:
        raise ConfigurationError(
            f"{name} must be 32 random bytes in URL-safe base64, or what `keys next` printed"
        )
    return parts[0], parts[1] if len(parts) == 2 else None


def following_data_key(hash_key: bytes) -> str:
    """A new data key that finds what was hashed before."""
    return f"{new_data_key()}.{base64.urlsafe_b64encode(hash_key).decode()}"


def _development_keys(instance: Path) -> dict[str, str]:
    path = instance / DEVELOPMENT_KEYS
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        keys = {"secret_key": secrets.token_urlsafe(48), "data_key": new_data_key()}
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file)
    keys = json.loads(path.read_text())
    return {"secret_key": str(keys["secret_key"]), "data_key": str(keys["data_key"])}
