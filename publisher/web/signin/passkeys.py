"""Did this officer's own key answer our challenge? Passkeys (WebAuthn level 2), as second factor, for step-up and unlocking.

A challenge is kept with the session that asked for it and is good for one answer.
"""

import secrets
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from publisher.store import clock
from publisher.store.database import Tx
from publisher.store.tables import credential, token


def _home(public_url: str) -> str:
    return urlsplit(public_url).hostname or "localhost"


async def _challenge(tx: Tx, session: str) -> bytes:
    """A fresh challenge for one session, by the hash of its secret."""
    made = secrets.token_urlsafe(32)
    await tx.execute(update(token).where(token.c.hash == session).values(challenge=made))
    return made.encode()


async def _taken(tx: Tx, session: str) -> bytes:
    """The session's challenge, which is gone afterwards; empty when none was asked for."""
    row = (await tx.execute(select(token.c.challenge).where(token.c.hash == session).with_for_update())).first()
    await tx.execute(update(token).where(token.c.hash == session).values(challenge=""))
    return row.challenge.encode() if row is not None else b""


async def _known(tx: Tx, officer: str) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    mine = select(credential.c.handle).where(credential.c.officer == officer, credential.c.kind == "passkey")
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in (await tx.execute(mine)).scalars()]


async def enrolling(tx: Tx, session: str, officer: str, *, public_url: str, centre: str) -> str:
    """What the browser needs to make a key (JSON of PublicKeyCredentialCreationOptions)."""
    import webauthn

    options = webauthn.generate_registration_options(
        rp_id=_home(public_url),
        rp_name=centre,
        user_name=officer,
        user_id=officer.encode(),
        challenge=await _challenge(tx, session),
        exclude_credentials=await _known(tx, officer),
    )
    return webauthn.options_to_json(options)


async def enrol(tx: Tx, session: str, officer: str, answer: str, *, public_url: str, name: str) -> bool:
    """Whether the browser's answer is a good new key; it counts from now on."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    expected = await _taken(tx, session)
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=expected,
            expected_rp_id=_home(public_url),
            expected_origin=public_url,
        )
    except (WebAuthnException, ValueError, KeyError):
        return False
    now = await clock.now(tx)
    row = {
        "id": f"c-{secrets.token_hex(8)}",
        "officer": officer,
        "kind": "passkey",
        "name": name,
        "handle": bytes_to_base64url(found.credential_id),
        "secret": found.credential_public_key,
        "counter": found.sign_count,
        "created": now,
        "confirmed": now,
    }
    await tx.execute(credential.insert().values(**row))
    return True


async def asking(tx: Tx, session: str, officer: str, *, public_url: str) -> str:
    """What the browser needs to answer with a key it has (JSON of PublicKeyCredentialRequestOptions)."""
    import webauthn

    options = webauthn.generate_authentication_options(
        rp_id=_home(public_url), challenge=await _challenge(tx, session), allow_credentials=await _known(tx, officer)
    )
    return webauthn.options_to_json(options)


async def fits(tx: Tx, session: str, officer: str, answer: str, *, public_url: str) -> bool:
    """Whether one of the officer's keys signed this session's challenge; a key that was copied is refused by its count."""
    import webauthn
    from webauthn.helpers import parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    expected = await _taken(tx, session)
    try:
        given = parse_authentication_credential_json(answer)
        mine = (credential.c.officer == officer) & (credential.c.handle == given.id)
        row = (await tx.execute(select(credential).where(mine, credential.c.kind == "passkey"))).first()
        if row is None or not expected:
            return False
        found = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=expected,
            expected_rp_id=_home(public_url),
            expected_origin=public_url,
            credential_public_key=bytes(row.secret),
            credential_current_sign_count=row.counter,
        )
    except (WebAuthnException, ValueError, KeyError):
        return False
    used = {"counter": found.new_sign_count, "last_used": await clock.now(tx)}
    await tx.execute(update(credential).where(credential.c.id == row.id).values(**used))
    return True
