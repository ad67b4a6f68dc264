"""Build dist/receivables-windows-kit.zip: our wheel, every package it needs on Windows, and setup.

Three steps: `lock` asks the package index anew which versions fit and writes
addin/windows/wheelhouse.txt; `fetch` downloads exactly those, by hash; `zip` puts the kit together.
Without a step: fetch and zip. A package without a wheel for Windows stops the build and is named.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from email.parser import HeaderParser
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
SETUP = ROOT / "addin" / "windows"
LOCK = SETUP / "wheelhouse.txt"
WHEELS = ROOT / "build" / "windows-kit"
KIT = ROOT / "dist" / "receivables-windows-kit.zip"
PYTHONS = ("3.12", "3.13", "3.14")
"""Versions whose packages the kit carries; the newest is the one setup recommends."""
EPOCH = (1980, 1, 1, 0, 0, 0)


class KitError(Exception):
    """The kit cannot be built; the message names what is missing."""


def windows(python: str) -> dict[str, str]:
    """The environment in which pip on a Windows machine reads requirements.

    pip download --platform reads the markers of the machine it runs on, and so leaves out what is
    needed on Windows only (colorama of typer, pywin32 of xlwings). We read them ourselves.
    """
    return {
        **default_environment(), "sys_platform": "win32", "platform_system": "Windows",
        "os_name": "nt", "platform_machine": "AMD64", "python_version": python,
        "python_full_version": f"{python}.0", "extra": "",
    }  # fmt: skip


def needed(requirements: Iterable[str], python: str) -> list[Requirement]:
    """The requirements that hold on Windows, without those of extras."""
    parsed = map(Requirement, requirements)
    return [one for one in parsed if not one.marker or one.marker.evaluate(windows(python))]


def requirements_of(wheel: Path) -> list[str]:
    """What a wheel says it needs."""
    with zipfile.ZipFile(wheel) as package:
        name = next(name for name in package.namelist() if name.endswith(".dist-info/METADATA"))
        text = package.read(name).decode("utf-8")
    return HeaderParser().parsestr(text).get_all("Requires-Dist") or []


def fits(wheel: Path, python: str) -> bool:
    """Whether a wheel can be installed on 64-bit Windows by a version of Python."""
    tags = parse_wheel_filename(wheel.name)[3]
    number = int(python.replace(".", ""))
    own = {("py3", "none"), (f"cp{number}", "none"), (f"cp{number}", f"cp{number}")}
    return any(
        tag.platform in {"any", "win_amd64"}
        and (
            (tag.interpreter, tag.abi) in own
            or (tag.abi == "abi3" and int(tag.interpreter.removeprefix("cp")) <= number)
        )
        for tag in tags
    )


def missing(wheels: Iterable[Path], python: str) -> list[str]:
    """Requirements of the wheels that no wheel of the kit meets, for one version of Python."""
    held = {}
    for wheel in wheels:
        if fits(wheel, python):
            name, version, *_ = parse_wheel_filename(wheel.name)
            held[name] = (version, wheel)
    return sorted({
        f"{one} (for {name})"
        for name, (_, wheel) in held.items()
        for one in needed(requirements_of(wheel), python)
        if not _meets(held.get(canonicalize_name(one.name)), one)
    })  # fmt: skip


def _meets(found: tuple[Version, Path] | None, wanted: Requirement) -> bool:
    return found is not None and wanted.specifier.contains(found[0], prereleases=True)


def pip(*arguments: str) -> str:
    """Run pip; its last words are the error."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise KitError("\n".join(lines) or done.stderr[-500:])
    return done.stdout


def download(folder: Path, python: str, *wanted: str) -> None:
    """Download wheels for Windows, never a source package."""
    target = ("--platform", "win_amd64", "--python-version", python, "--implementation", "cp")
    pip("download", "--only-binary=:all:", *target, "--dest", str(folder), *wanted)


def build_wheel(folder: Path) -> Path:
    """Our own wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("receivables-*.whl"):
        old.unlink()
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("receivables-*.whl"))


def lock() -> None:
    """Resolve anew for every version of Python and write the list with hashes.

    Raises:
        KitError: packages that have no wheel for Windows, all of them named.
    """
    folder, failures = WHEELS / "fresh", []
    for old in folder.glob("*.whl"):
        old.unlink()
    own = build_wheel(folder)
    for python in PYTHONS:
        wanted = [str(one).split(";")[0].strip() for one in needed(requirements_of(own), python)]
        while wanted:
            failures += _download_all(folder, python, wanted)
            gaps = missing(folder.glob("*.whl"), python)
            wanted = [gap.split(" (for ")[0].split(";")[0].strip() for gap in gaps]
            if failures:
                break
    if failures:
        raise KitError("no wheel for Windows:\n" + "\n".join(failures))
    LOCK.write_text("".join(f"{line}\n" for line in locked(folder)), encoding="utf-8")


def _download_all(folder: Path, python: str, wanted: list[str]) -> list[str]:
    try:
        download(folder, python, *wanted)
    except KitError:
        return [fault for one in wanted for fault in _download_one(folder, python, one)]
    return []


def _download_one(folder: Path, python: str, wanted: str) -> list[str]:
    try:
        download(folder, python, wanted)
    except KitError as fault:
        return [f"{wanted} (Python {python}): {str(fault).splitlines()[0]}"]
    return []


def locked(folder: Path) -> Iterator[str]:
    """Lines of the lock: a package with the hashes of its wheels, and for which Pythons."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(wheel.name)
        if name == "receivables":
            continue
        pythons = " ".join(python for python in PYTHONS if fits(wheel, python))
        found.setdefault((name, str(version), pythons), []).append(sha256(wheel))
    yield "# Written by tools/windows_kit.py lock: package, hashes of its wheels, versions of Python."
    for (name, version, pythons), hashes in sorted(found.items()):
        yield f"{name}=={version} {' '.join(f'--hash=sha256:{one}' for one in hashes)}  # {pythons}"


def lock_lines(python: str) -> list[str]:
    """The lock for one version of Python, as pip reads it."""
    lines = (line.partition("  # ") for line in LOCK.read_text(encoding="utf-8").splitlines())
    return [line for line, mark, pythons in lines if mark and python in pythons.split()]


def fetch(pythons: Sequence[str]) -> None:
    """Download the wheels of the lock, each checked by its hash, and build our own."""
    folder = WHEELS / "wheels"
    for old in folder.glob("*.whl"):
        old.unlink()  # of an earlier lock
    build_wheel(folder)
    for python in pythons:
        listed = WHEELS / f"requirements-{python}.txt"
        listed.write_text("\n".join(lock_lines(python)), encoding="utf-8")
        download(folder, python, "--no-deps", "--require-hashes", "-r", str(listed))


def kit_files(wheels: list[Path], pythons: Sequence[str]) -> dict[str, bytes]:
    """Every file of the kit but the sums."""
    own = next(wheel for wheel in wheels if wheel.name.startswith("receivables-"))
    version = str(parse_wheel_filename(own.name)[1])
    about = {"version": version, "pythons": list(pythons)}
    files = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in sorted(wheels)}
    for name in ("setup.cmd", "setup.ps1", "doctor.cmd", "README.txt"):
        files[name] = windows_text(SETUP / name, pythons)
    return {**files, "kit.json": (json.dumps(about, indent=2) + "\n").encode()}


def windows_text(path: Path, pythons: Sequence[str] = PYTHONS) -> bytes:
    """A text as Windows wants it: CRLF, and a mark of UTF-8 where it is not plain ASCII.

    Windows PowerShell 5.1 reads a script without the mark in the code page of the system.
    """
    text = path.read_text(encoding="utf-8").replace("@PYTHONS@", " or ".join(pythons))
    content = text.replace("\n", "\r\n").encode()
    return content if text.isascii() else b"\xef\xbb\xbf" + content


def zip_kit(wheels: list[Path], target: Path, pythons: Sequence[str] = PYTHONS) -> Path:
    """Put the kit together; the same files give the same bytes.

    Raises:
        KitError: a requirement on Windows that no wheel of the kit meets.
    """
    gaps = [f"Python {python}: {gap}" for python in pythons for gap in missing(wheels, python)]
    if gaps:
        raise KitError("the kit lacks:\n" + "\n".join(gaps))
    files = kit_files(wheels, pythons)
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\r\n" for name in files)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as package:
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            kind = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = kind
            package.writestr(entry, content)
    return target


def sha256(path: Path) -> str:
    """Hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def main() -> None:
    """Run the steps asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("steps", nargs="*", default=["fetch", "zip"], metavar="lock|fetch|zip")
    parser.add_argument("--python", action="append", choices=PYTHONS, help="default: all of them")
    asked = parser.parse_args()
    pythons = asked.python or PYTHONS
    try:
        if "lock" in asked.steps:
            lock()
        if "fetch" in asked.steps:
            fetch(pythons)
        if "zip" in asked.steps:
            held = sorted((WHEELS / "wheels").glob("*.whl"))
            wheels = [wheel for wheel in held if any(fits(wheel, one) for one in pythons)]
            made = zip_kit(wheels, KIT, pythons)
            size = made.stat().st_size // 2**20
            print(f"{made.relative_to(ROOT)}: {size} MB, SHA-256 {sha256(made)}")
    except KitError as fault:
        sys.exit(f"windows-kit: {fault}")


if __name__ == "__main__":
    main()
