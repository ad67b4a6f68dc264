"""LibreOffice Calc: extension, local process, installation."""
