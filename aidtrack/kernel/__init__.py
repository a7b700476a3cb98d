"""What every room stands on: standard library only, no framework, no database."""
