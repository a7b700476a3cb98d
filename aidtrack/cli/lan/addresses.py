"""At which private addresses other machines of the local network reach this one."""

import socket
from ipaddress import IPv4Address

from aidtrack.cli.lan.certificates import PRIVATE

NOWHERE = ("10.255.255.255", 9)  # nothing is sent: a datagram socket only asks which way it would go


def local_addresses() -> list[IPv4Address]:
    """Private IPv4 addresses of this machine without its own loopback, the one phones will use first."""
    found: dict[IPv4Address, None] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.connect(NOWHERE)
            found[IPv4Address(trial.getsockname()[0])] = None
        except OSError:
            pass  # no network at all
    try:
        for address in socket.gethostbyname_ex(socket.gethostname())[2]:
            found[IPv4Address(address)] = None
    except OSError:
        pass  # a machine whose own name is unknown to it
    return [
        address
        for address in found
        if not address.is_loopback and any(address in network for network in PRIVATE)
    ]
