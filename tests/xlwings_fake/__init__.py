"""Excel's side of a cell function without Excel."""
