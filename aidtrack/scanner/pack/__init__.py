"""What a phone takes along for a round: keys, bit lists, goods, and rows that open with the voucher in hand."""
