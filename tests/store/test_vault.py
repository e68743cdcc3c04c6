"""Does a stolen database tell nothing, and can no sealed value stand in for another?"""

import pytest

from publisher.store.vault import Unreadable, Vault, make_key


def test_what_is_sealed_opens_again_and_never_looks_the_same() -> None:
    vault = Vault(make_key())
    one, two = vault.seal("+86 100 0000 0001", "subscriber"), vault.seal("+86 100 0000 0001", "subscriber")
    assert one != two
    assert b"0000" not in one
    assert vault.open(one, "subscriber") == vault.open(two, "subscriber") == "+86 100 0000 0001"


def test_another_key_purpose_or_byte_opens_nothing() -> None:
    vault = Vault(make_key())
    sealed = vault.seal("secret", "totp:a")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for opener, body, about in (
        (Vault(make_key()), sealed, "totp:a"),
        (vault, sealed, "totp:b"),
        (vault, changed, "totp:a"),
        (vault, b"", "totp:a"),
    ):
        with pytest.raises(Unreadable):
            opener.open(body, about)


def test_a_text_is_found_by_its_index_and_only_with_the_key() -> None:
    vault = Vault(make_key())
    assert vault.index("13", "phone") == vault.index("13", "phone")
    assert len({vault.index("13", "phone"), vault.index("13", "mail"), Vault(make_key()).index("13", "phone")}) == 3


def test_a_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"short")
