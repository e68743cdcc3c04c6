"""The vocabulary as frozen types and state tables: imports nothing of ours, does no I/O."""
