"""Lets ``python -m dispatch`` run the command."""

from dispatch.cli import main

main()
