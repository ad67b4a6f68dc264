"""Programs that build what is handed over; nothing here is installed."""
