"""`tocsin key …`: the hub's own keys, their public halves alone."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.shared import DataOption, fail, out, settings_of

key = typer.Typer(no_args_is_help=True, help="The hub's own keys: which there are, and their public halves.")


@key.command(name="list")
def list_(data: DataOption = None) -> None:
    """List the hub's keys with what each is for, how long it is good, and its fingerprint."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    folder = _folder(data)
    certificate = x509.load_pem_x509_certificate((folder / "cap.cert.pem").read_bytes())
    until = f"until {certificate.not_valid_after_utc:%Y-%m-%d}"
    out().print(
        f"cap      signs CAP messages      {until}  SHA-256 {certificate.fingerprint(SHA256()).hex()}", markup=False
    )
    out().print(f"display  seals what displays get, and the ledger's heads  {_display(folder)}", markup=False)
    out().print("vault    keeps second factors sealed; it never leaves this machine", markup=False)


@key.command()
def show(
    name: Annotated[str, typer.Argument(help="cap (its certificate) or display (its public key).")],
    data: DataOption = None,
) -> None:
    """Print the public half of a key, for those who verify with it."""
    folder = _folder(data)
    match name:
        case "cap":
            out().print((folder / "cap.cert.pem").read_text("ascii").strip(), markup=False)
        case "display":
            out().print(_display(folder), markup=False)
        case _:
            raise fail(f"no key {name}; there are cap and display")


def _display(folder: Path) -> str:
    from publisher.formats import seal

    return seal.public_of((folder / "display.key.pem").read_bytes())


def _folder(data: Path | None) -> Path:
    folder = settings_of(data).data / "keys"
    if not (folder / "cap.cert.pem").exists():
        raise fail(f"no keys at {folder}: they are made at the hub's first start")
    return folder
