Attribute VB_Name = "ReceivablesButtons"
Option Explicit

' The buttons of the sheet Start: each names an action, and the add-in does it.

Private Const ADDIN As String = "receivables.xlam"
Private Const MISSING As String = "_rcv_lists_no_addin"

Public Sub ReceivablesRefresh()
    Press "refresh"
End Sub

Public Sub ReceivablesLetters()
    Press "letters"
End Sub

Public Sub ReceivablesCheck()
    Press "check"
End Sub

Public Sub ReceivablesUndo()
    Press "undo"
End Sub

Private Sub Press(ByVal id As String)
    ' The add-in tells what went wrong in an action; an error here means that there is no add-in.
    On Error GoTo NoAddin
    Application.Run "'" & ADDIN & "'!RunAction", id
    Exit Sub
NoAddin:
    MsgBox Words(), vbExclamation, "Receivables"
End Sub

Private Function Words() As String
    ' On a sheet, as the code page of VBA has no Chinese.
    Words = ThisWorkbook.Names(MISSING).RefersToRange.Value
End Function
