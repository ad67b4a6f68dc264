"""Respond: what is done about a debt."""
