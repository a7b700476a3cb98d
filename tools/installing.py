"""Installs what the locks name into .venv. Standard library only: nothing is installed before it has run.

What is installed is named, with hashes, in requirements/*.lock; nothing is fetched when those files are the ones
installed last.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
ON_WINDOWS = os.name == "nt"
SCRIPTS = VENV / ("Scripts" if ON_WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if ON_WINDOWS else "python")
SYSTEM_PROGRAMS = Path("/usr/bin")


class CannotGoOn(Exception):
    """Something this script cannot mend; the message says what the person can do."""


def say(text: str) -> None:
    print(f"aidtrack: {text}", flush=True)


def run_quietly(command: list[str | Path], doing: str) -> None:
    """Run a command whose output matters only when it fails."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise CannotGoOn(f"{doing} failed:\n{done.stdout.strip()[-4000:] or 'it says nothing'}")


def fingerprint(*files: Path) -> str:
    """What an installation depends on: the files, the version of Python and the place of the tree."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_installed(name: str, wanted: str) -> bool:
    stamp = VENV / f".installed-{name}"
    return PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted


def stamp_installed(name: str, wanted: str) -> None:
    (VENV / f".installed-{name}").write_text(wanted, encoding="ascii")


def may_use_apt() -> bool:
    return not ON_WINDOWS and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    say(f"installing {' '.join(packages)} with apt-get …")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    run_quietly([*environment, "apt-get", "update"], "apt-get update")
    run_quietly(
        [*environment, "apt-get", "install", "-y", "--no-install-recommends", *packages], "apt-get install"
    )


def quickest_python() -> Path:
    """The Python that .venv is made with: this one, unless somebody compiled it here without optimising it.

    Version managers do so by default. The system's own Python of the same version takes an eighth less of the
    processor's time, in the tests and in the product. AIDTRACK_PYTHON names another.
    """
    named = os.environ.get("AIDTRACK_PYTHON")
    if named:
        return Path(named)
    import sysconfig  # a start that installs nothing does not wait for it

    own = SYSTEM_PROGRAMS / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    configured = sysconfig.get_config_var("CONFIG_ARGS") or ""
    compiled_here = "--prefix=" in configured and "--prefix=/usr'" not in configured
    slow = compiled_here and "--enable-optimizations" not in configured
    return own if slow and own.exists() else Path(sys.executable)


def make_venv() -> None:
    wanted = fingerprint(REQUIREMENTS / "installer.lock")
    if is_installed("installer", wanted):
        return
    python = quickest_python()
    if find_spec("ensurepip") is None:  # Debian ships Python without it
        if not may_use_apt():
            raise CannotGoOn("this Python has no ensurepip; install your system's python3-venv package")
        apt_install("python3-venv")
        invalidate_caches()
        python = Path(sys.executable)
    say(f"making the virtual environment .venv with {python} …")
    run_quietly([python, "-m", "venv", "--clear", "--without-pip", VENV], "making .venv")
    try:
        pip_install("--require-hashes", "-r", REQUIREMENTS / "installer.lock")
    except CannotGoOn:
        say("the fast installer is not to be had here; pip does it, more slowly")
    stamp_installed("installer", wanted)


def bundled_pip() -> Path | None:
    """The pip that Python brings along as a wheel: it runs from there, which takes less than installing it."""
    import sysconfig

    found = find_spec("ensurepip")
    systems_own = sysconfig.get_config_var("WHEEL_PKG_DIR")
    folders = [Path(found.origin).parent / "_bundled"] if found and found.origin else []
    folders += [Path(systems_own)] if systems_own else []
    return next((wheel for folder in folders for wheel in folder.glob("pip-*.whl")), None)


def pip_install(*arguments: str | Path) -> None:
    wheel = bundled_pip()
    if wheel is None:
        run_quietly([PYTHON, "-m", "ensurepip"], "installing pip")
    pip: list[str | Path] = [PYTHON, wheel / "pip"] if wheel else [PYTHON, "-m", "pip"]
    run_quietly([*pip, "install", "--disable-pip-version-check", "-q", *arguments], "pip install")


def install(*arguments: str | Path) -> None:
    """Install with uv, and with pip where uv is absent or does not get through (pip knows local mirrors)."""
    uv = SCRIPTS / ("uv.exe" if ON_WINDOWS else "uv")
    if uv.exists():
        try:
            # The machine's own certificates: behind an institution's proxy no others will do.
            run_quietly(
                [uv, "pip", "install", "--system-certs", "--python", PYTHON, *arguments], "uv pip install"
            )
            return
        except CannotGoOn as error:
            say(f"the fast installer gave up ({str(error).splitlines()[1]}); pip does it, more slowly")
    pip_install(*arguments)


def install_lock(name: str, purpose: str) -> None:
    lock = REQUIREMENTS / f"{name}.lock"
    wanted = fingerprint(lock)
    if is_installed(name, wanted):
        return
    say(f"installing {purpose} ({lock.relative_to(ROOT)}) …")
    install("--require-hashes", "-r", lock)
    stamp_installed(name, wanted)


def install_product() -> None:
    make_venv()
    install_lock("run", "what aidtrack needs")
    wanted = fingerprint(ROOT / "pyproject.toml", REQUIREMENTS / "run.in")
    if not is_installed("package", wanted):
        install("--no-deps", "--no-build-isolation", "-e", ROOT)
        stamp_installed("package", wanted)


def keep_compiled() -> None:
    """Let Python keep what it compiles: half of every start, and of every test's process, would go into it again.

    Where the machine forbids it to write beside the sources, as containers often do, it writes into .venv.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "bytecode"))
