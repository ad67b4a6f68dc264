"""Watch what is owed: aging, concentration, statements."""
