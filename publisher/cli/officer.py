"""`tocsin officer …`: who may sign in, from a shell on the hub's own machine. The hub itself must be stopped on SQLite."""

import secrets
from typing import Annotated

import typer

from publisher.cli.shared import BAD, DataOption, fail, out, with_database, writing

officer = typer.Typer(no_args_is_help=True, help="Officers and the sealed credential.")

SHELL = "shell"
"""Who acts here, in the ledger."""


@officer.command("list")
def listing(data: DataOption = None) -> None:
    """Every officer with roles, and whether they may sign in."""
    from sqlalchemy import select

    from publisher.store.database import Tx
    from publisher.store.tables import officer as officers

    async def rows(tx: Tx) -> object:
        return (await tx.execute(select(officers).order_by(officers.c.id))).all()

    for row in with_database(data, rows):
        state = "" if row.active else "  (put aside)"
        out().print(f"{row.id:<20} {row.unit:<20} {', '.join(row.roles)}{state}", markup=False)


@officer.command()
def password(who: Annotated[str, typer.Argument(help="The officer's sign-in name.")], data: DataOption = None) -> None:
    """Give an officer a new random password, printed once. Their sessions end."""
    from publisher.store import ledger
    from publisher.store.database import Tx
    from publisher.store.directory import officer_of
    from publisher.web.tokens import hash_password, set_password

    made = secrets.token_urlsafe(12)

    async def change(tx: Tx) -> bool:
        if await officer_of(tx, who) is None:
            return False
        await set_password(tx, who, hash_password(made))
        await ledger.append(tx, actor=SHELL, act="officer.password", subject=who)
        return True

    if not writing(data, change):
        raise fail(f"no active officer {who}", BAD)
    out().print(made, markup=False)


@officer.command()
def seal(data: DataOption = None) -> None:
    """Make the sealed break-glass credential anew and print it once, for an envelope. The old one is void."""
    from publisher.core.packs import load
    from publisher.store.database import Tx
    from publisher.store.versions import Packs
    from publisher.web.signin import recovery
    from publisher.web.tokens import hash_password

    made = "-".join(secrets.token_hex(2) for _ in range(6))

    async def change(tx: Tx) -> None:
        pack = await Packs(load).active(tx)
        await recovery.seal(tx, hash_password(made), unit=pack.about.centre, name=recovery.SEALED, by=SHELL)

    writing(data, change)
    out().print(f"sign-in name  {recovery.SEALED}\npassword      {made}", markup=False)
    out().print("It works once. Print it, seal it, and write down who holds the envelope.", markup=False)
