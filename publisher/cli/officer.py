"""`tocsin officer …`: who may sign in, from a shell on the hub's own machine. The hub itself must be stopped on SQLite."""

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.shared import BAD, SHELL, DataOption, acting, fail, out, with_database, writing

if TYPE_CHECKING:
    from publisher.model.pack import Pack
    from publisher.store.database import Tx

officer = typer.Typer(no_args_is_help=True, help="Officers and the sealed credential.")


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
def add(
    who: Annotated[str, typer.Argument(help="The sign-in name.")],
    name: Annotated[str, typer.Option(help="The name or post that texts and records show.")],
    unit: Annotated[str, typer.Option(help="A unit of the pack.")],
    role: Annotated[
        list[str], typer.Option(help="drafter, reviewer, signer, leader, admin or viewer; may be repeated.")
    ],
    data: DataOption = None,
) -> None:
    """Add an officer with a random first password, printed once. The first of a live hub is made like this."""
    from publisher.model.directory import EVERYTHING
    from publisher.store.codec import dump
    from publisher.web import officers
    from publisher.web.errors import Problem, Reason
    from publisher.web.principal import ROLES
    from publisher.web.tokens import hash_password

    made = secrets.token_urlsafe(12)
    values = {"name": name.strip(), "unit": unit, "roles": sorted(set(role)), "scope": dump(EVERYTHING)}

    async def act(tx: "Tx", pack: "Pack") -> None:
        checks = (
            (officers.NAME.fullmatch(who), "id", "small letters, digits, dots and dashes, two or more"),
            (values["name"], "name", "must be given"),
            (unit in pack.units, "unit", f"{unit} is not in units.csv"),
            (set(role) <= set(ROLES), "role", f"there are {', '.join(ROLES)}"),
        )
        if wrong := tuple(Reason("invalid", says, where) for fits, where, says in checks if not fits):
            raise Problem(422, "invalid", wrong)
        await officers.add(tx, who, hash_password(made), values, by=SHELL)

    acting(data, act)
    out().print(made, markup=False)


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
