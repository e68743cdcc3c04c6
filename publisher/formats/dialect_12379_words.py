"""The fixed words of the 12379 dialect and what CAP 1.2 calls them (field rules: GB/T 35965 as deployed)."""

METHOD_PARAMETER = "12379:method:"

STATUSES = {
    "status": ("Actual", "Test", "Exercise", "Draft", "System"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
}

LEVELS = {"Red": "Extreme", "Orange": "Severe", "Yellow": "Moderate", "Blue": "Minor", "Unknown": "Unknown"}
"""Colour to CAP severity, the mapping the national platform's public exports use."""

CERTAINTIES = {"VeryLikely": "Likely", "Very Likely": "Likely"}
"""Words of the dialect that CAP 1.2 no longer has."""

WORDS = {
    "severity": tuple(LEVELS),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "certainty": ("Observed", "VeryLikely", "Very Likely", "Likely", "Possible", "Unlikely", "Unknown"),
}

CATEGORIES = {
    "11A": "Met",
    "11B": "Met",
    "11C": "Geo",
    "11D": "Geo",
    "11E": "Met",
    "11F": "Env",
    "11G": "Fire",
    "11": "Met",
    "12D": "CBRNE",
    "12G": "Fire",
    "12H": "Transport",
    "12P": "Infra",
    "12Q": "Env",
    "12": "Safety",
    "13": "Health",
    "14": "Security",
}
"""Event class (the first two or three characters of a GB/T 35561 code) to CAP category."""
