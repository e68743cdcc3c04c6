"""How is a sealed address sent to? Opened at the very moment of the call, and nowhere else: the database holds the seal."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from publisher.model.delivery import Answer, Message, Target
from publisher.store.vault import Vault
from publisher.work.flight import Sends

MARK = "sealed:"
ABOUT = "endpoint"


def sealed(vault: Vault, address: str) -> str:
    """An address as an endpoint keeps it."""
    return MARK + base64.urlsafe_b64encode(vault.seal(address, ABOUT)).decode()


def opened(vault: Vault, address: str) -> str:
    """The address to call; one that was never sealed stays as it is. Raises `vault.Unreadable`."""
    if not address.startswith(MARK):
        return address
    return vault.open(base64.urlsafe_b64decode(address.removeprefix(MARK)), ABOUT)


class Opening:
    """A channel that is handed addresses in the clear and answers for the targets as they were."""

    def __init__(self, channel: Sends, vault: Vault) -> None:
        self._channel, self._vault = channel, vault

    async def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """See `channels.base.Push`."""
        known = {one.delivery: one for one in targets}
        clear = [replace(one, address=opened(self._vault, one.address)) for one in targets]
        async for target, answer in self._channel.send(message, clear):
            yield known[target.delivery], answer
