"""Result sheets: which columns, formats and charts, and how they are written."""
