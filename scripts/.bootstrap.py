"""Makes ``.venv`` from the requirements files when they changed, then becomes the command inside it.

Standard library only: this runs before anything is installed.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def fingerprint(files: list[Path]) -> str:
    """Return a digest of the interpreter and the requirements: when it moves, the environment is brought up to date."""
    parts = [sys.version.encode(), *(file.read_bytes() for file in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(step: str, command: list[str]) -> None:
    """Run one installation step; its output is shown only when it fails."""
    started = time.monotonic()
    print(f"  {step} … ", end="", flush=True, file=sys.stderr)
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        print("failed", file=sys.stderr)
        print((done.stdout + done.stderr)[-4000:], file=sys.stderr)
        sys.exit(
            f"Could not {step}: see above. Mend the cause (no network, no disk space, or a package index that "
            f"PIP_INDEX_URL or a proxy must name?), remove {VENV} and run this again."
        )
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def install(requirements: Path) -> None:
    """Install into ``.venv`` with uv, which is far quicker, or with pip where uv cannot be had."""
    print(f"Preparing {VENV} (once, and again when the requirements change):", file=sys.stderr)
    if (
        not PYTHON.exists()
        or subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode
    ):
        # No --clear: another process of the project may be running from it.
        probe = subprocess.run([sys.executable, "-c", "import ensurepip"], check=False, capture_output=True)
        if probe.returncode:
            sys.exit(
                "This Python has no venv module: install it (on Debian: 'apt install python3-venv') and run again."
            )
        run("make the environment", [sys.executable, "-m", "venv", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "uv"], check=False, capture_output=True, cwd=ROOT).returncode == 0:
        pip = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)]
    run(f"install {requirements.name}", [*pip, "-r", str(requirements)])


def main() -> None:
    """Bring ``.venv`` up to date (one process at a time) and replace this process by the command."""
    arguments = sys.argv[1:]
    development = arguments[:1] == ["--dev"]
    if development:
        arguments = arguments[1:]
    runtime, dev = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    wanted = {"runtime": fingerprint([runtime]), "dev": fingerprint([runtime, dev])}
    kind = "dev" if development else "runtime"
    stamps = {name: VENV / f".{name}-requirements" for name in wanted}

    def current(name: str) -> bool:
        return stamps[name].is_file() and stamps[name].read_text() == wanted[name] and PYTHON.exists()

    if not (current(kind) or current("dev")):
        try:
            VENV.mkdir(exist_ok=True)
            lock = (VENV / ".bootstrap-lock").open("w")  # not .lock, which is uv's own
        except OSError as error:
            sys.exit(
                f"Cannot write {VENV}: {error.strerror}. Make the checkout writable for this user, or clone your own."
            )
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (current(kind) or current("dev")):
                install(dev if development else runtime)
                for name in {kind, "runtime"}:
                    stamps[name].write_text(wanted[name])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    os.environ["PATH"] = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    program, *rest = arguments
    command = ["python"] if program == "python" else ["python", "-m", f"opera_spiders.commands.{program}"]
    os.execv(PYTHON, [*command, *rest])


try:
    main()
except KeyboardInterrupt:
    sys.exit("Interrupted. Run the same command again: it goes on where it was.")
