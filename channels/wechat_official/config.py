"""What must an operator say about a WeChat official account?"""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from channels.http import Address, Common, SendKey
from channels.weixin import AesKey

Keyword = Annotated[str, StringConstraints(pattern=r"^[a-z_]+[0-9]+$")]
Word = Literal["title", "level", "area", "time", "action"]

_KEYWORDS: dict[Word, Keyword] = {
    "title": "thing1",
    "level": "phrase2",
    "area": "thing3",
    "time": "time4",
    "action": "thing5",
}


class Config(Common):
    """One account and one category template; `keywords` says which of our words fills which field.

    `token` and `aes_key` are those of the account's server settings (secure mode). `stable_token`
    false asks for the old kind of token, of which only one process may hold one. `admin_confirms`: the account has
    API群发保护 on, so that its administrator must confirm each mass text on a telephone within 30 minutes.
    """

    base_url: Address = "https://api.weixin.qq.com"
    app_id: str = Field(min_length=1)
    app_secret: SendKey
    template_id: str = Field(min_length=1)
    keywords: dict[Word, Keyword] = Field(default_factory=lambda: dict(_KEYWORDS), min_length=1)
    token: SecretStr
    aes_key: AesKey
    stable_token: bool = True
    admin_confirms: bool = False
