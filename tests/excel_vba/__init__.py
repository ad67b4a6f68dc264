"""VBA that stands in for Excel's own in LibreOffice."""
