"""The right to aid: programme rules as dated data, and households marked by them."""
