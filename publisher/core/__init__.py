"""What follows from the facts? Decisions, pure: no I/O, the clock passed in."""
