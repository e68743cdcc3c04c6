"""How does an approved warning leave? One folder per kind of way out; `base` is the contract."""
