"""Transfer: who else bears the loss."""
