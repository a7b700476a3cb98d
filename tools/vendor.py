"""Fetch the browser files we ship, through npm; for maintainers, never at set-up time.

    python tools/vendor.py            fetch the versions named below, write files and VENDOR.lock.json
    python tools/vendor.py --check    compare what is in the tree with VENDOR.lock.json, offline

npm verifies each package against its registry's integrity hash; we record the hash of each file we
keep, so that a changed file is seen in review and by tests/test_vendor.py.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "aidtrack" / "static" / "vendor"
LOCK = VENDOR / "VENDOR.lock.json"


@dataclass(frozen=True)
class Change:
    """A passage replaced in a published file, and why. It must occur exactly once."""

    published: str  # a regular expression
    ours: str
    reason: str


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    licence_file: str
    files: dict[str, str]  # path in the package -> name in the vendor folder
    changes: dict[str, Change] = field(default_factory=dict)  # by name in the vendor folder


PACKAGES = (
    Package("@picocss/pico", "2.1.1", "MIT", "LICENSE.md", {"css/pico.min.css": "pico.min.css"}),
    Package("htmx.org", "2.0.10", "0BSD", "LICENSE", {"dist/htmx.min.js": "htmx.min.js"}),
    Package("idb", "8.0.4", "ISC", "LICENSE", {"build/index.js": "idb.js"}),
    Package(
        "barcode-detector",
        "3.2.2",
        "MIT",
        "LICENSE",
        {"dist/iife/ponyfill.js": "barcode-detector.js"},
        {
            "barcode-detector.js": Change(
                r"return n\?`https://[^`]+`:t\+e",
                "return t+e",
                "the reader's wasm is never looked for at a foreign host, even when locateFile is forgotten",
            )
        },
    ),
    # Exactly the version barcode-detector depends on: its script carries this wasm's hash.
    Package(
        "zxing-wasm",
        "3.1.3",
        "MIT, with zxing-cpp under Apache-2.0",
        "LICENSE",
        {"dist/reader/zxing_reader.wasm": "zxing_reader.wasm"},
    ),
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def unpack(package: Package, folder: Path) -> dict[str, bytes]:
    """The wanted files and the licence of one package, by their path in it."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=folder, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    wanted = {*package.files, package.licence_file}
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        found = {path: archive.extractfile(f"package/{path}") for path in wanted}
        return {path: member.read() for path, member in found.items() if member}


def apply(change: Change | None, content: bytes) -> bytes:
    if change is None:
        return content
    ours = change.ours.encode()
    shipped, times = re.subn(change.published.encode(), lambda _match: ours, content)
    if times != 1:
        raise SystemExit(f"the published file changed; look again at: {change.reason}")
    return shipped


def fetch() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    (VENDOR / "licences").mkdir(exist_ok=True)
    entries = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as scratch:
            contents = unpack(package, Path(scratch))
        licence = f"licences/{package.name.replace('@', '').replace('/', '-')}.txt"
        (VENDOR / licence).write_bytes(contents[package.licence_file])
        files = {}
        for path, name in package.files.items():
            change = package.changes.get(name)
            shipped = apply(change, contents[path])
            (VENDOR / name).write_bytes(shipped)
            files[name] = {"published_as": path, "sha256": sha256(shipped)}
            if change:
                files[name] |= {"published_sha256": sha256(contents[path]), "changed": change.reason}
        entries.append(
            {
                "package": package.name,
                "version": package.version,
                "licence": package.licence,
                "licence_file": licence,
                "licence_sha256": sha256(contents[package.licence_file]),
                "files": files,
            }
        )
        print(f"{package.name} {package.version}: {', '.join(files)}")
    LOCK.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def differences() -> list[str]:
    """What in the vendor folder is not exactly what the lock names; empty when all is well."""
    expected: dict[str, str] = {}
    for entry in json.loads(LOCK.read_text(encoding="utf-8")):
        expected[entry["licence_file"]] = entry["licence_sha256"]
        expected |= {name: facts["sha256"] for name, facts in entry["files"].items()}
    present = {
        path.relative_to(VENDOR).as_posix(): sha256(path.read_bytes())
        for path in VENDOR.rglob("*")
        if path.is_file() and path not in (LOCK, VENDOR / "licences" / "apache-2.0.txt")
    }
    missing = [f"{name} is missing" for name in expected.keys() - present.keys()]
    unknown = [f"{name} is not in the lock" for name in present.keys() - expected.keys()]
    changed = [
        f"{name} is not the file in the lock"
        for name in expected.keys() & present.keys()
        if expected[name] != present[name]
    ]
    return sorted(missing + unknown + changed)


if __name__ == "__main__":
    if "--check" not in sys.argv:
        fetch()
    found = differences()
    print("\n".join(found) or "vendored files are as locked")
    sys.exit(1 if found else 0)
