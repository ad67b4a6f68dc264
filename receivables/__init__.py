"""Credit control inside the spreadsheet: one core under cells, buttons and the command line."""

__version__ = "0.1.0"
