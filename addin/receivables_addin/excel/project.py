"""A VBA project from text sources: the vbaProject.bin of an add-in, without Excel (MS-OVBA)."""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field
from typing import Literal

from receivables.errors import ReceivablesError
from receivables_addin.excel.cfb import compound_file
from receivables_addin.excel.ovba import compress, encrypt

Kind = Literal["standard", "class", "workbook", "sheet"]

NAME_LENGTH = 31
NAMESPACE = uuid.UUID("6f0f6f2e-5d86-5a3b-9a53-1f1f0c3b7a10")
"""The project's ID is derived from its name below this one, so that every build gives the same."""

BASES: dict[Kind, str] = {
    "workbook": "0{00020819-0000-0000-C000-000000000046}",
    "sheet": "0{00020820-0000-0000-C000-000000000046}",
    "class": "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}",
}
"""VB_Base of a class module: what it extends."""

OLE = r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation"
OFFICE = (
    r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0"
    r"#C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL"
    r"#Microsoft Office 16.0 Object Library"
)
REFERENCES = (("stdole", OLE), ("Office", OFFICE))
"""Libraries besides those of VBA and Excel, which every project has."""

SOURCE_ONLY = bytes.fromhex("cc61ffff000100")
"""_VBA_PROJECT: version FFFF tells Excel to ignore caches and compile the source."""

SYSKIND_WIN32 = 1
LCID_US = 0x409
VERSION = (0x61EEF783, 3)
NO_COOKIE = b"\xff\xff"


class ProjectError(ReceivablesError):
    """The text sources cannot become a VBA project."""


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its name, what it is, and its code without the heading of attributes."""

    name: str
    kind: Kind
    body: str = ""

    def source(self) -> str:
        """The whole text as it stands in the file: attributes, then code, lines ended by CRLF."""
        lines = [f'Attribute VB_Name = "{self.name}"']
        if self.kind != "standard":
            document = self.kind != "class"
            lines += [
                f'Attribute VB_Base = "{BASES[self.kind]}"',
                "Attribute VB_GlobalNameSpace = False",
                "Attribute VB_Creatable = False",
                f"Attribute VB_PredeclaredId = {document}",
                f"Attribute VB_Exposed = {document}",
                "Attribute VB_TemplateDerived = False",
                f"Attribute VB_Customizable = {document}",
            ]
        return "\r\n".join([*lines, *self.body.splitlines()]) + "\r\n"


@dataclass(frozen=True, slots=True)
class Project:
    """A VBA project: its modules in the order the editor shows them."""

    name: str
    modules: tuple[Module, ...]
    description: str = ""
    code_page: int = 1252
    references: tuple[tuple[str, str], ...] = field(default=REFERENCES)

    @property
    def project_id(self) -> str:
        """The project's identifier, the same at every build."""
        return f"{{{str(uuid.uuid5(NAMESPACE, self.name)).upper()}}}"

    def vba_project_bin(self) -> bytes:
        """The file xl/vbaProject.bin: compressed sources, no compiled code.

        Raises:
            ProjectError: a name or a character that Excel could not load.
        """
        check_names(self)
        vba: dict[str, bytes] = {
            "_VBA_PROJECT": SOURCE_ONLY,
            "dir": compress(self.dir_stream()),
        }
        for module in self.modules:
            vba[module.name] = compress(self.encoded(module.source(), module.name))
        return compound_file(
            {"VBA": vba, "PROJECT": self.project_stream(), "PROJECTwm": self.names_stream()}
        )

    def encoded(self, text: str, where: str) -> bytes:
        """The text in the project's code page.

        Raises:
            ProjectError: the code page lacks a character.
        """
        try:
            return text.encode(f"cp{self.code_page}")
        except UnicodeEncodeError as fault:
            line = text.count("\n", 0, fault.start) + 1
            raise ProjectError(
                f"{where}, line {line}: code page {self.code_page} has no {text[fault.start]!r}. "
                "Keep such text on a sheet of the add-in and let the code read it there."
            ) from None

    def dir_stream(self) -> bytes:
        """The `dir` stream before compression: project, references, modules."""
        ansi = self.encoded(self.description, "description")
        parts = [
            _record(0x01, struct.pack("<I", SYSKIND_WIN32)),
            _record(0x02, struct.pack("<I", LCID_US)),
            _record(0x14, struct.pack("<I", LCID_US)),
            _record(0x03, struct.pack("<H", self.code_page)),
            _record(0x04, self.name.encode("ascii")),
            _record(0x05, ansi) + _record(0x40, self.description.encode("utf-16-le")),
            _record(0x06) + _record(0x3D),
            _record(0x07, bytes(4)) + _record(0x08, bytes(4)),
            struct.pack("<HIIH", 0x09, 4, *VERSION),  # its size says 4, six bytes follow
            _record(0x0C) + _record(0x3C),
            *(_reference(name, library) for name, library in self.references),
            _record(0x0F, struct.pack("<H", len(self.modules))),
            _record(0x13, NO_COOKIE),
            *(_module_record(module) for module in self.modules),
            _record(0x10),
        ]
        return b"".join(parts)

    def project_stream(self) -> bytes:
        """The PROJECT stream: plain text, what the project editor shows."""
        identifier = self.project_id
        lines = [f'ID="{identifier}"', *(_declared(module) for module in self.modules)]
        lines += [f'Name="{self.name}"', 'HelpContextID="0"']
        if self.description:
            lines.append(f'Description="{self.description}"')
        lines += [
            'VersionCompatible32="393222000"',
            f'CMG="{encrypt(bytes(4), identifier)}"',
            f'DPB="{encrypt(bytes(1), identifier)}"',
            f'GC="{encrypt(NO_COOKIE[:1], identifier)}"',
            "",
            "[Host Extender Info]",
            "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
            "",
            "[Workspace]",
            *(f"{module.name}=0, 0, 0, 0, C" for module in self.modules),
        ]
        return self.encoded("\r\n".join(lines) + "\r\n", "PROJECT")

    def names_stream(self) -> bytes:
        """The PROJECTwm stream: each name in the code page and in UTF-16, not compressed."""
        names = [module.name for module in self.modules]
        pairs = (
            name.encode("ascii") + b"\0" + name.encode("utf-16-le") + bytes(2) for name in names
        )
        return b"".join(pairs) + bytes(2)


def check_names(project: Project) -> None:
    """Refuse what makes Excel drop or repair a project: names that VBA cannot load.

    Raises:
        ProjectError: a name that does not begin with a letter, is too long or comes twice.
    """
    seen: set[str] = set()
    for name in (project.name, *(module.name for module in project.modules)):
        plain = name.isascii() and name.replace("_", "a").isalnum() and name[:1].isalpha()
        if not plain or len(name) > NAME_LENGTH:
            raise ProjectError(
                f"{name!r} is no name of a module: a letter, then letters, digits or _, "
                f"at most {NAME_LENGTH}. Rename it."
            )
        if name.casefold() in seen:
            raise ProjectError(f"{name} comes twice; VBA ignores case. Rename one of them.")
        seen.add(name.casefold())


def _record(number: int, body: bytes = b"") -> bytes:
    return struct.pack("<HI", number, len(body)) + body


def _reference(name: str, library: str) -> bytes:
    ansi = library.encode("ascii")
    return (
        _record(0x16, name.encode("ascii"))
        + _record(0x3E, name.encode("utf-16-le"))
        + _record(0x0D, struct.pack("<I", len(ansi)) + ansi + bytes(6))
    )


def _module_record(module: Module) -> bytes:
    ansi, wide = module.name.encode("ascii"), module.name.encode("utf-16-le")
    return b"".join(
        [
            _record(0x19, ansi) + _record(0x47, wide),
            _record(0x1A, ansi) + _record(0x32, wide),
            _record(0x1C) + _record(0x48),
            _record(0x31, bytes(4)),  # the source begins at once: nothing compiled before it
            _record(0x1E, bytes(4)) + _record(0x2C, NO_COOKIE),
            _record(0x21 if module.kind == "standard" else 0x22),
            _record(0x2B),
        ]
    )


def _declared(module: Module) -> str:
    if module.kind == "standard":
        return f"Module={module.name}"
    if module.kind == "class":
        return f"Class={module.name}"
    return f"Document={module.name}/&H00000000"
