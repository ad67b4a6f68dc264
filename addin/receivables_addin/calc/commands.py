"""The commands `receivables calc …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from receivables.commands.options import Json, print_json
from receivables.commands.show import print_texts
from receivables_addin.findings import NEEDS_A_LOOK, is_healthy, show

app = typer.Typer(
    help="LibreOffice Calc: extension, local process, installation.", no_args_is_help=True
)

Office = Annotated[
    Path | None,
    typer.Option(
        "--office", metavar="PATH", help="LibreOffice, if it is not where it usually is."
    ),
]
Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile", metavar="FOLDER", help="Profile folder of LibreOffice; default: this user's."
    ),
]
Output = Annotated[Path, typer.Option("--out", "-o", metavar="FILE.oxt", help="File to write.")]


@app.callback()
def _group() -> None:
    """LibreOffice Calc: extension, local process, installation."""


@app.command()
def build(output: Output = Path("receivables.oxt"), as_json: Json = False) -> None:
    """Write the extension: every function, menu, toolbar; the same version gives the same file."""
    import hashlib

    from receivables import __version__
    from receivables.cells import load_functions
    from receivables_addin.calc.build import build as write

    content = write(output).read_bytes()
    found = {
        "file": str(output),
        "version": __version__,
        "functions": len(load_functions()),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    if as_json:
        print_json(found)
        return
    typer.echo(f"{output}: {found['functions']} functions, {len(content):,} bytes")
    typer.echo("To install it for this user: receivables calc install")


@app.command()
def install(office: Office = None, profile: Profile = None, as_json: Json = False) -> None:
    """Put the extension into this user's LibreOffice, which must be closed; no admin rights."""
    from receivables_addin.calc import install as installation

    place = installation.Place.find(office, profile)
    host = installation.install(place)
    if as_json:
        print_json(installation.status(place))
        return
    typer.echo(f"Extension: installed in {place.profile}")
    typer.echo(f"Python of the functions: {host}")
    typer.echo("Start LibreOffice. To look it through: receivables calc doctor")


@app.command()
def uninstall(office: Office = None, profile: Profile = None, as_json: Json = False) -> None:
    """Take the extension and its settings out of this user's LibreOffice."""
    from receivables_addin.calc import install as installation

    gone = installation.uninstall(installation.Place.find(office, profile))
    if as_json:
        print_json({"removed": gone})
        return
    for line in gone:
        typer.echo(f"removed: {line}")
    if not gone:
        typer.echo("The extension is not installed here.")


@app.command()
def status(office: Office = None, profile: Profile = None, as_json: Json = False) -> None:
    """Show which version of the extension is installed where."""
    from receivables_addin.calc import install as installation

    found = installation.status(installation.Place.find(office, profile))
    if as_json:
        print_json(found)
    elif not found["installed"]:
        typer.echo("The extension is not installed here. To install it: receivables calc install")
    else:
        rows = [[name.replace("_", " "), str(value)] for name, value in found.items()]
        print_texts("Extension in LibreOffice", ["", "Seen"], rows)
    if not found["installed"]:
        raise typer.Exit(NEEDS_A_LOOK)


@app.command()
def doctor(office: Office = None, profile: Profile = None, as_json: Json = False) -> None:
    """Look for everything known to keep the functions from working; say what to do."""
    from receivables_addin.calc import doctor as examination
    from receivables_addin.calc.install import Place

    findings = examination.examine(Place.find(office, profile))
    show("LibreOffice Calc", findings, as_json=as_json)
    if not is_healthy(findings):
        raise typer.Exit(NEEDS_A_LOOK)
