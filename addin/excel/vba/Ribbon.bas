Attribute VB_Name = "Ribbon"
Option Explicit

' Callbacks of the ribbon tab: no arithmetic, no decisions. A button names an action, Python does it.
' Excel looks callbacks up by their bare names, in other open workbooks too: so theirs begin with ours.

Public Sub ReceivablesLabel(control As IRibbonControl, ByRef returned As Variant)
    returned = Say(control.ID)
End Sub

Public Sub ReceivablesTopic(control As IRibbonControl, ByRef returned As Variant)
    returned = Say(control.Tag)
End Sub

Public Sub ReceivablesTip(control As IRibbonControl, ByRef returned As Variant)
    returned = Say(control.ID & "_help")
End Sub

Public Sub ReceivablesFunctionTip(control As IRibbonControl, ByRef returned As Variant)
    returned = FunctionHelp(control.Tag)
End Sub

Public Sub ReceivablesAction(control As IRibbonControl)
    RunAction control.Tag
End Sub

Public Sub ReceivablesFunction(control As IRibbonControl)
    InsertFunction control.Tag
End Sub

Public Sub ReceivablesRetry(control As IRibbonControl)
    On Error GoTo Failed
    RetryPython
    Exit Sub
Failed:
    Complain Err.Description
End Sub

Public Sub RunAction(ByVal id As String)
    On Error GoTo Failed
    RunInPython id
    Exit Sub
Failed:
    Complain Err.Description
End Sub

Private Sub Complain(ByVal why As String)
    MsgBox Say("message_failed") & vbCrLf & why, vbExclamation, Say("tab_receivables")
End Sub

Public Sub InsertFunction(ByVal what As String)
    ' The function wizard for a function, in an empty cell only; Cancel leaves the cell empty.
    On Error GoTo Failed
    If ActiveCell.Formula <> "" Then
        MsgBox Say("message_cell_taken"), vbInformation, Say("tab_receivables")
        Exit Sub
    End If
    Enter ActiveCell, "=" & what & "()"
    If Application.Dialogs(xlDialogFunctionWizard).Show = False Then ActiveCell.ClearContents
    Exit Sub
Failed:
    MsgBox Say("message_no_cell"), vbInformation, Say("tab_receivables")
End Sub

Private Sub Enter(ByVal cell As Object, ByVal text As String)
    ' Formula would put an @ in front, and of a table only the first cell would show. Excel 2019 and
    ' before do not know Formula2, and need none.
    On Error GoTo Older
    cell.Formula2 = text
    Exit Sub
Older:
    cell.Formula = text
End Sub
