"""Excel through xlwings: binding, add-in file, installation."""
