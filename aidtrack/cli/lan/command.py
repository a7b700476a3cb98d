"""`lan`: serve phones of the local network over HTTPS, with one command."""

import socket
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

import click

from aidtrack.cli.plumbing import CannotGoOn, checked_url, environment, require_head
from aidtrack.cli.serving import THREADS, application, require_free, run_server
from aidtrack.config import load
from aidtrack.kernel.clock import utc_now

FOLDER = "lan"  # inside the instance folder
EVERYWHERE = "0.0.0.0"  # noqa: S104  reaching this server from phones is what the command is for


@click.command()
@click.option("--host", default=EVERYWHERE, show_default=True, help="Address to listen at.")
@click.option(
    "--port", default=8443, show_default=True, type=click.IntRange(1, 65535), help="Port of the application."
)
@click.option(
    "--welcome-port",
    default=8080,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port of the first page, over plain HTTP.",
)
@click.option(
    "--address",
    "given",
    multiple=True,
    help="Private address phones use; found by itself when left out, may be repeated.",
)
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 256))
def lan(host: str, port: int, welcome_port: int, given: tuple[str, ...], threads: int) -> None:
    """Serve phones in this local network over HTTPS, without a domain name.

    Makes a certificate authority of this installation (kept in the instance folder, good for private addresses
    only) and a certificate for this machine; prints the address of a page from which phones install the authority.
    """
    from aidtrack.cli.lan import certificates, welcome
    from aidtrack.cli.lan.addresses import local_addresses
    from aidtrack.db.bundled import PACKAGE

    env = environment()
    config = load(env)
    require_head(checked_url(env))
    addresses = [_address(text) for text in given] or local_addresses()
    if not addresses:
        raise CannotGoOn("this machine has no private address; join a network or name one with --address")
    for number in (port, welcome_port):
        require_free(host, number)
    folder = Path(config.instance) / FOLDER
    now: datetime = utc_now()
    try:
        files = certificates.prepare(folder, addresses, socket.gethostname(), now)
    except certificates.NotPrivate as error:
        raise CannotGoOn(f"{error} is not an address of a private network") from None
    shown = welcome.Welcome(
        page_url=f"http://{addresses[0]}:{welcome_port}/",
        counter_url=f"https://{addresses[0]}:{port}/",
        fingerprint=certificates.fingerprint(files.authority),
    )
    app = application(config, 0)
    welcome.serve(
        host,
        welcome_port,
        {
            "/": ("text/html; charset=utf-8", welcome.page(app, shown)),
            "/page.css": ("text/css; charset=utf-8", (PACKAGE / "static" / "lan.css").read_bytes()),
            welcome.CERTIFICATE_PATH: (
                "application/x-x509-ca-cert",
                certificates.for_phones(files.authority),
            ),
        },
    )
    click.echo(f"aidtrack: phones open {shown.page_url} first", err=True)
    click.echo(f"aidtrack: fingerprint {shown.fingerprint}", err=True)
    run_server(
        config, host=host, port=port, threads=threads, workers=1, proxies=0, certificate=files.certificate,
        key=files.key, said=shown.counter_url,
    )  # fmt: skip


def _address(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise CannotGoOn(f"{text!r} is not an IPv4 address") from None


COMMANDS = (lan,)
