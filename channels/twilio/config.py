"""What must an operator say about a Twilio account?"""

from pydantic import Field, SecretStr

from channels.http import Address, Common


class Config(Common):
    """One account and one Messaging Service. With `signing_key` callbacks must be HMAC-SHA256."""

    base_url: Address = "https://api.twilio.com"
    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr
    messaging_service_sid: str = Field(pattern=r"^MG[0-9a-fA-F]{32}$")
    signing_key: SecretStr | None = None
    max_characters: int = Field(default=1600, ge=1, le=1600)
