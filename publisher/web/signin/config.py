"""How may officers sign in here? Whether a second factor is owed, and who else may vouch for them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider: its issuer address, and what it knows us by."""

    issuer: str
    client: str
    secret: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class WecomApp:
    """A WeCom application that officers sign in through: its interface and its door.

    It should be one that may send nothing: its secret lies in the web process.
    """

    corp: str
    agent: str
    secret: str
    base: str = "https://qyapi.weixin.qq.com"
    door: str = "https://open.weixin.qq.com/connect/oauth2/authorize"


@dataclass(frozen=True, slots=True)
class SignIn:
    """`second_factor`: officers without one must enrol one before they go on."""

    second_factor: bool = False
    provider: Provider | None = None
    wecom: WecomApp | None = None


PASSWORD_ALONE = SignIn()
"""What a hub asks for when nothing is set."""
