"""What the books say: read, check and open the ledger as of a date."""
