"""What must an operator say about a WeCom application?"""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from channels.http import SEND, Address, Common, SendKey
from channels.weixin import AesKey


class Config(Common):
    """One application. A private 政务微信 has its own `base_url`.

    `token` and `aes_key` are those of the application's message receiving settings.
    `button`: what the acknowledge button of a `button` card says. `robots`: name -> key of a group's robot.
    `duplicate_seconds`: how long WeCom itself drops a second, equal message (4 h at most).
    """

    base_url: Address = "https://qyapi.weixin.qq.com"
    corp_id: str = Field(min_length=1)
    secret: SendKey
    agent_id: int = Field(ge=0)
    token: SecretStr
    aes_key: AesKey
    shape: Literal["text", "markdown", "textcard", "button"] = "text"
    button: str = Field(default="收到", min_length=1, max_length=10)
    robots: Annotated[dict[str, SecretStr], SEND] = Field(default_factory=dict)
    duplicate_seconds: int = Field(default=14_400, ge=60, le=14_400)
