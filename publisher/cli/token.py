"""`tocsin token …`: bearer tokens with which an officer's own programs speak to the API."""

from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.shared import SHELL, AsJson, DataOption, Reason, acting, looking, out, print_json

if TYPE_CHECKING:
    from publisher.model.pack import Pack
    from publisher.store.database import Tx

token = typer.Typer(no_args_is_help=True, help="Officers' API tokens: listed, made, ended.")


@token.command(name="list")
def list_(data: DataOption = None, json: AsJson = False) -> None:
    """List the officers' tokens: whose, made when, last used when, good until when."""
    from sqlalchemy import select

    from publisher.store.tables import token as tokens

    wanted = select(tokens).where(tokens.c.kind == "bearer", tokens.c.officer.is_not(None)).order_by(tokens.c.created)

    async def ask(tx: "Tx", pack: "Pack") -> list[dict[str, str]]:
        return [
            {
                "token": row.hash[:16],
                "officer": row.officer,
                "made": row.created.isoformat(),
                "used": row.last_used.isoformat() if row.last_used > row.created else "",
                "expires": row.expires.isoformat() if row.expires else "",
            }
            for row in await tx.execute(wanted)
        ]

    found = looking(data, ask)
    if json:
        print_json(found)
        return
    for one in found:
        until = f"until {one['expires'][:16]}" if one["expires"] else "without end"
        used = f"used {one['used'][:16]}" if one["used"] else "never used"
        out().print(f"{one['token']}  {one['officer']:<20} made {one['made'][:16]}  {used}  {until}", markup=False)


@token.command()
def make(
    officer: Annotated[str, typer.Argument(help="Whose it is; it may do what they may do.")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="How long it is good.")] = 365,
    data: DataOption = None,
) -> None:
    """Make a token for an officer's programs and print it, this once."""
    from publisher.store import ledger
    from publisher.store.directory import officer_of
    from publisher.web.tokens import hash_of, make_token
    from publisher.work.bulletins import Missing

    async def act(tx: "Tx", pack: "Pack") -> str:
        if await officer_of(tx, officer) is None:
            raise Missing(f"no active officer {officer}")
        secret = await make_token(tx, officer=officer, minutes=days * 1440)
        body = {"token": hash_of(secret)[:16], "days": days}
        await ledger.append(tx, actor=SHELL, act="token.make", subject=officer, body=body)
        return secret

    out().print(acting(data, act), markup=False)


@token.command()
def end(
    token: Annotated[str, typer.Argument(help="The token's name, as `list` shows it.")],
    reason: Reason,
    data: DataOption = None,
) -> None:
    """End a token: nobody gets in with it from now on."""
    from sqlalchemy import delete

    from publisher.store import ledger
    from publisher.store.tables import token as tokens
    from publisher.work.bulletins import Missing

    mine = (
        tokens.c.hash.startswith(token, autoescape=True) & (tokens.c.kind == "bearer") & tokens.c.officer.is_not(None)
    )

    async def act(tx: "Tx", pack: "Pack") -> None:
        if len(token) != 16 or (await tx.execute(delete(tokens).where(mine))).rowcount != 1:
            raise Missing(f"no officer's token {token}; `tocsin token list` shows their names")
        body = {"reason": reason}
        await ledger.append(tx, actor=SHELL, act="token.end", subject=token, body=body)

    acting(data, act)
    out().print(f"token {token} ended", markup=False)
