"""Bytes to model and back, pure: `read.read` takes what a source sent, `report.as_json` says what came of it."""
