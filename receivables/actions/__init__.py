"""What a user can press: one list for the ribbon of Excel, the menu of Calc and the command line."""

from __future__ import annotations

from receivables.actions.areas import Area
from receivables.actions.host import Document, Form, Host, Question, Report, Rows, Selection
from receivables.actions.listed import ACTIONS, GROUPS, Action, Group, find_action

__all__ = [
    "ACTIONS",
    "GROUPS",
    "Action",
    "Area",
    "Document",
    "Form",
    "Group",
    "Host",
    "Question",
    "Report",
    "Rows",
    "Selection",
    "find_action",
]
