"""Drafts in Outlook for Windows: an e-mail of ours is saved as a draft and never sent."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from receivables.actions.letters_drafts import Draft

MAIL = 0
"""olMailItem."""


def save_draft(draft: Draft) -> bool:
    """Save a draft in the Drafts folder of Outlook's default account; False where there is no Outlook."""
    outlook = _outlook()
    if outlook is None:
        return False
    mail = outlook.CreateItem(MAIL)
    mail.To = draft.to
    mail.Subject = draft.subject
    mail.HTMLBody = draft.html
    with tempfile.TemporaryDirectory(prefix="receivables-") as folder:
        for name, content in draft.attachments.items():
            path = Path(folder, Path(name.replace("\\", "/")).name)
            path.write_bytes(content)
            mail.Attachments.Add(str(path))
        mail.Save()
    return True


def _outlook() -> Any:
    try:
        from win32com.client import Dispatch
    except ImportError:
        return None
    try:
        return Dispatch("Outlook.Application")
    except Exception:  # noqa: BLE001 - not installed, or the new Outlook, which has no COM: there is none to ask
        return None
