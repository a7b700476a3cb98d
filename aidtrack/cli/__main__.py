"""`python -m aidtrack.cli`, for machines where the console script is not on the PATH."""

from aidtrack.cli import main

main()
