"""Bodies of the API of cases."""
