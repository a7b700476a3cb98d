"""One client of a crowd, a program of its own: stands ready, waits for the word, presses, says what it heard.

Standard library only, because eight of them start at once; and bytes by hand, because the crowd shares the
machine with the server it presses on. The task comes as one line of JSON.
"""

import json
import socket
import sys
from collections import Counter
from uuid import uuid4


def press(port: int, token: str, place: str, codes: list[str]) -> Counter[str]:
    """Try to collect on every code, each time as a new press of the button."""
    heard: Counter[str] = Counter()
    with socket.create_connection(("127.0.0.1", port), timeout=600) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for code in codes:
            body = json.dumps({"voucher": code, "place": place})
            head = (
                f"PUT /api/v1/handouts/{uuid4()} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(f"{head}{body}".encode())
            status, answer = hear(connection)
            heard[f"{status} {json.loads(answer).get('code', 'receipt')}"] += 1
    return heard


def hear(connection: socket.socket) -> tuple[str, bytes]:
    """Status and body of the answer."""
    head, mark, body, length = b"", b"", b"", 0
    while not mark or len(body) < length:
        part = connection.recv(65_536)
        if not part:
            raise ConnectionError("the server hung up")
        if mark:
            body += part
            continue
        head, mark, body = (head + part).partition(b"\r\n\r\n")
        if mark:
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(fields[b"content-length"])
    return head[9:12].decode(), body


def main() -> None:
    task = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(press(**task)), flush=True)


if __name__ == "__main__":
    main()
