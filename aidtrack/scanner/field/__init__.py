"""The page of an enrolled phone: it is loaded once and then works without a network."""
