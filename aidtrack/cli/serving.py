"""`start` for a trial on this machine, `serve` for production."""

import gc
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidtrack.cli.plumbing import (
    CannotGoOn,
    checked_url,
    environment,
    open_vault,
    require_head,
    revision_of,
)
from aidtrack.cli.progress import waiting
from aidtrack.config import Config, load
from aidtrack.kernel.collecting import no_collecting

if TYPE_CHECKING:
    from flask import Flask

HOST, PORT, THREADS = "127.0.0.1", 8000, 8

PORT_OPTION = click.option(
    "--port",
    default=PORT,
    show_default=True,
    envvar="AIDTRACK_PORT",
    type=click.IntRange(1, 65535),
    help="Port to listen at; AIDTRACK_PORT says it too.",
)

_made: "Flask | None" = None


def application(config: Config, proxies: int) -> "Flask":
    """The application for a server process: the one made before forking, else a new one."""
    global _made
    if _made is None:
        from aidtrack.app import create_app

        _made = create_app(config)
        # what was loaded stays: a look through all of it for garbage would be another tenth of the start
        gc.freeze()
        if proxies:
            from werkzeug.middleware.proxy_fix import ProxyFix

            # Only then are the headers believed that say who asked and over which protocol.
            fixed = ProxyFix(_made.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
            _made.wsgi_app = fixed  # type: ignore[method-assign]
    return _made


@click.command()
@PORT_OPTION
def start(port: int) -> None:
    """Try aidtrack on this machine: makes the database, loads the demonstration, serves.

    The secrets are made at the first start and kept in the instance folder. For a server that others
    reach, use `serve`.
    """
    from aidtrack.cli.demonstration import load_demonstration, passwords_under_way, print_sign_ins

    env = environment(trial=True)
    config = load(env)
    require_free(HOST, port)
    with no_collecting():
        made = passwords_under_way()
        url = checked_url(env)
        from aidtrack.db.migrate import head_revision, upgrade

        if revision_of(url) != head_revision():
            click.echo("aidtrack: making the database …", err=True)
            open_vault(env)
            with waiting("changing the tables"):
                upgrade(url)
        app = application(config, 0)
    load_demonstration(app, only_if_empty=True)
    print_sign_ins(app, made)
    run_server(
        config, host=HOST, port=port, threads=THREADS, workers=1, proxies=0, certificate=None, key=None
    )


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen at.")
@PORT_OPTION
@click.option(
    "--threads",
    default=THREADS,
    show_default=True,
    type=click.IntRange(1, 256),
    help="Requests at once in each process.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Server processes; more than one needs PostgreSQL.",
)
@click.option(
    "--proxies",
    default=0,
    show_default=True,
    type=click.IntRange(0, 5),
    help="Reverse proxies in front, whose X-Forwarded headers are believed.",
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TLS certificate (PEM).",
)
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TLS key (PEM).")
def serve(
    host: str, port: int, threads: int, workers: int, proxies: int, certificate: Path | None, key: Path | None
) -> None:
    """Serve people and programs. Refuses to start without secrets or on a database that may lose data."""
    config = load()  # the environment as it is: a server is not a trial because one was run here before
    url = checked_url(os.environ)
    if workers > 1 and url.startswith("sqlite"):
        raise CannotGoOn("SQLite takes one server process: use --workers 1, or name a PostgreSQL database")
    if (certificate is None) != (key is None):
        raise CannotGoOn("--certificate and --key belong together")
    require_head(url)
    require_free(host, port)
    run_server(
        config, host=host, port=port, threads=threads, workers=workers, proxies=proxies, certificate=certificate,
        key=key,
    )  # fmt: skip


def require_free(host: str, port: int) -> None:
    """The server's own socket would share a port that is in use, and nobody could tell who answers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise CannotGoOn(
                f"cannot listen at {host}:{port}: {error.strerror}; `--port` names another"
            ) from None


def run_server(
    config: Config,
    *,
    host: str,
    port: int,
    threads: int,
    workers: int,
    proxies: int,
    certificate: Path | None,
    key: Path | None,
    said: str | None = None,
) -> None:
    """Serve until somebody stops it. `said` is the address to tell people where it differs from `host`."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from aidtrack.cli.checking import seal_all
    from aidtrack.db import db
    from aidtrack.db.engines import assert_durable

    with no_collecting():
        app = application(config, proxies)
    with app.app_context():
        try:
            assert_durable(db.engine)
        except RuntimeError as error:
            raise CannotGoOn(str(error)) from None
        seal_all()
        db.session.remove()
        db.engine.dispose()  # server processes open connections of their own
    gc.freeze()  # the collector passes over what was loaded: its pages stay shared with forked processes
    server = Server(
        "aidtrack.cli.serving:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_level=LogLevels.error,
        log_access=False,  # an address of the API can hold a voucher's code
        websockets=False,
        ssl_cert=certificate,
        ssl_key=key,
        workers_kill_timeout=10,
        respawn_failed_workers=config.production,
    )
    address = said or f"{'https' if certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/"
    server.on_startup(lambda: click.echo(f"aidtrack: open {address}   (Ctrl+C stops it)"))
    server.on_startup(sys.stdout.flush)
    server.serve(target_loader=partial(application, config, proxies), wrap_loader=False)


COMMANDS = (start, serve)
