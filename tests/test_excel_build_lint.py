"""Rules of VBA that are checked when the add-in is built, each broken once."""

from __future__ import annotations

import pytest
from receivables_addin.excel.build import all_functions, project
from receivables_addin.excel.lint import check, logical_lines, procedures
from receivables_addin.excel.project import Module, ProjectError


def standard(body: str, name: str = "Texts") -> Module:
    return Module(name, "standard", body)


def function(head: str, scope: str = "Private ") -> Module:
    return standard(f"{scope}Function {head}\nEnd Function\n")


BROKEN = {
    "long line": (standard(f"' {'x' * 1022}"), "line 2: 1024 characters, at most 1023"),
    "continuations": (standard("A _\n" * 25 + "B"), "line 26: over 24 continuations"),
    "module lines": (standard("'\n" * 65_534), "at most 65534. Split it"),
    "export heading": (standard("VERSION 1.0 CLASS\nBEGIN\nEND"), "belongs to an exported file"),
    "keyword argument": (function("A(type As Variant)"), "Texts.A: type is a word of VBA"),
    "keyword name": (function("Loop()"), "Loop is a word of VBA"),
    "underscore first": (function("A(_b)"), "_b is no name in VBA"),
    "not ascii": (function("A(größe)"), "größe is no name in VBA"),
    "arguments alike": (function("A(b, B)"), "two arguments are called b"),
    "argument as procedure": (
        function("Aging(aging)"),
        "an argument has the name of its procedure",
    ),
    "too many arguments": (
        function(f"A({', '.join(f'b{at}' for at in range(61))})"),
        "61 arguments, at most 60",
    ),
    "long procedure": (
        standard("Private Sub A()\n" + "    B = 1\n" * 7_200 + "End Sub"),
        "characters, about 64000 at most",
    ),
    "twins in a module": (
        standard("Private Sub A()\nEnd Sub\nPrivate Sub a()\nEnd Sub"),
        "two procedures are called a",
    ),
    "procedure as module": (standard("Public Sub Texts()\nEnd Sub"), "it would show #NAME"),
    "open to formulas": (function("A()", "Public "), "Texts.A: any formula could call it"),
    "open without Public": (function("A()", ""), "Texts.A: any formula could call it"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_named_with_its_place(case) -> None:
    module, message = BROKEN[case]
    with pytest.raises(ProjectError) as fault:
        check([module], [])
    assert message in str(fault.value)


def test_a_public_name_in_two_modules() -> None:
    body = "Public Sub A()\nEnd Sub"
    with pytest.raises(ProjectError, match="a is public in 2 modules"):
        check([standard(body, "One"), standard(body, "Two")], [])


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ProjectError) as fault:
        check([function("A(type)"), Module("Other", "standard", f"' {'x' * 2000}")], [])
    assert len(str(fault.value).splitlines()) == 3


FINE = {
    "1023 characters": standard(f"' {'x' * 1021}"),
    "24 continuations": standard("A _\n" * 24 + "B"),
    "60 arguments": function(f"A({', '.join(f'b{at}' for at in range(60))})"),
    "a sub": standard("Public Sub A(ByVal what As String)\nEnd Sub"),
    "private, same name elsewhere": function("A()"),
    "property pair": Module("C", "class", "Property Get A()\nEnd Property\nProperty Let A(b)\nEnd Property"),
    "a class is not reached by formulas": Module("C", "class", "Public Function A()\nEnd Function"),
    "optional and arrays": function('A(Optional ByVal b As String = "x, y", c() As Long) As String'),
    "rest of the arguments": function("A(ParamArray rest() As Variant) As Variant"),
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_what_vba_takes_is_taken(case) -> None:
    check([FINE[case]], [])


def test_a_cell_function_may_be_public() -> None:
    check([function("DSO(receivables)", "Public ")], ["dso"])


def test_arguments_are_read_across_continuations() -> None:
    body = "Public Sub A(ByVal b As String, _\n    Optional c As Long = 3, d$)\nEnd Sub"
    (found,) = procedures(standard(body))
    assert found.arguments == ("b", "c", "d")
    assert list(logical_lines("a _\nb\nc")) == ["a b", "c"]


def test_the_add_in_is_clean_and_was_looked_at() -> None:
    """Building checks it; here, that the check saw every function."""
    specs = all_functions()
    seen = {found.name for module in project(specs).modules for found in procedures(module)}
    assert {spec.name for spec in specs} <= seen
