"""`python -m publisher.cli`, the same as `tocsin`."""

from publisher.cli import main

main()
