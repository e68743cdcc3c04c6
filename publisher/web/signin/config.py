"""How may officers sign in here? Whether a second factor is owed, and the identity provider if there is one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider: its issuer address, and what it knows us by."""

    issuer: str
    client: str
    secret: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """`second_factor`: officers without one must enrol one before they go on."""

    second_factor: bool = False
    provider: Provider | None = None


PASSWORD_ALONE = SignIn()
"""What a hub asks for when nothing is set."""
