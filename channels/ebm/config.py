"""What must an operator say about an emergency-broadcast platform?"""

from pydantic import Field, SecretStr

from channels.http import Address, Common, SendKey


class Config(Common):
    """One platform. `platform` is our own resource code (EBRID); an endpoint's address is the other side's.

    `signer` is the cryptographic device's address on our own network (docs/channels/ebm.md); without one the package
    goes unsigned, as a closed line may allow. `receipt_key` stands in the address at which the platform reports.
    """

    base_url: Address
    platform: str = Field(pattern=r"^[0-9]{12,23}$")
    path: str = Field(default="/", pattern=r"^/[\x21-\x7e]*$")
    receipt_key: SecretStr = Field(min_length=16)
    signer: Address | None = None
    signer_key: SendKey = Field(default=SecretStr(""))
