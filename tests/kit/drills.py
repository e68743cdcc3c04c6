"""The script of a small exercise in the county: one word to say, one alert to answer."""

FLOOD = """
name: Autumn flood
injects:
  - {at: 0, says: The gauge rises.}
  - at: 3
    source: demo
    alert:
      sender: desk.example
      hazard: FLOOD
      level: amber
      areas: [EX-01-001]
      headline: Flood warning for Alderbrook
      description: The river is expected to flood low roads within 2 hours.
      instruction: Keep away from the river.
      expires: '+240'
"""
