"""Items, opening stock and receipts from spreadsheets."""
