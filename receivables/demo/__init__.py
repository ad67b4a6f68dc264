"""An invented trading firm with two years of receivables, to try everything on."""

from receivables.demo.tables import build_firm
from receivables.demo.workbook import write_folder, write_workbook

__all__ = ["build_firm", "write_folder", "write_workbook"]
