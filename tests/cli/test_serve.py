"""Does a hub that cannot start say so, all of it, before it begins?"""

import pytest
from typer.testing import CliRunner

from publisher.cli import app


def test_every_setting_that_cannot_be_is_named_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_WORKERS", "many")
    monkeypatch.setenv("TOCSIN_ICECAST", "http://source:hush@127.0.0.1/warn.ogg")
    found = CliRunner().invoke(app, ["serve"])
    assert found.exit_code == 2
    assert "TOCSIN_WORKERS: " in found.stderr and "TOCSIN_ICECAST: " in found.stderr
    assert "hush" not in found.stderr and "Traceback" not in found.stderr
