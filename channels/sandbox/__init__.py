"""What stands in for the outside world? Loopback SMS, WeChat and WeCom providers for demo, training and tests."""

from channels.sandbox.app import sandbox_app
from channels.sandbox.faults import Rule
from channels.sandbox.world import Letter, Sandbox

__all__ = ["Letter", "Rule", "Sandbox", "sandbox_app"]
