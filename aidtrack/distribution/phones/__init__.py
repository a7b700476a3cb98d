"""What phones and this program agree on: encodings, signatures, proofs. Plain Python."""
