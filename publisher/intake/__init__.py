"""How does a warning come in? HTTP push, call form and pasted text, files: each becomes an Alert with its outcome."""
