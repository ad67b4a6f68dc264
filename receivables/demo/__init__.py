"""The invented trading firm behind `receivables demo`."""
