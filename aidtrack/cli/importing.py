"""`import`: a spreadsheet of families, items or stock, by the same steps as in the browser."""

import click

COMMANDS: tuple[click.Command, ...] = ()
