"""One client of a crowd, a program of its own: stands ready, waits for the word, presses, says what it heard.

Standard library only, because eight of them start at once. The task comes as one line of JSON.
"""

import http.client
import json
import sys
from collections import Counter
from uuid import uuid4


def press(port: int, token: str, place: str, codes: list[str]) -> Counter[str]:
    """Try to collect on every code, each time as a new press of the button."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    heard: Counter[str] = Counter()
    for code in codes:
        body = json.dumps({"voucher": code, "place": place})
        connection.request("PUT", f"/api/v1/handouts/{uuid4()}", body=body, headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        heard[f"{response.status} {answer.get('code', 'receipt')}"] += 1
    connection.close()
    return heard


def main() -> None:
    task = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(press(**task)), flush=True)


if __name__ == "__main__":
    main()
