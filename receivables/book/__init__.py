"""The living workbook: our result tables refreshed in place, everything else left as it was."""
