"""Hosts of the functions and buttons: Excel and LibreOffice Calc."""
