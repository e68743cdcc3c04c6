"""How is a Reading told to people and programs? The shape `tocsin read --json` prints."""

from typing import Any

from publisher.model.alert import Reading
from publisher.model.finding import Finding


def as_json(file: str, reading: Reading) -> dict[str, Any]:
    """`{file, outcome, findings[{code, layer, refuses, path, message}]}`."""
    return {"file": file, "outcome": reading.outcome, "findings": [finding_json(one) for one in reading.findings]}


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding as JSON."""
    return {
        "code": finding.code,
        "layer": finding.layer,
        "refuses": finding.refuses,
        "path": finding.path,
        "message": finding.message,
    }
