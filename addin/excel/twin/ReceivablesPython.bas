Attribute VB_Name = "ReceivablesPython"
Option Explicit

' The twin's stand-in for Python and for the function wizard: it notes what it is asked on the sheet
' Twin, from column D, and answers a call with its text.

Public Function PythonIsReady() As Boolean
    PythonIsReady = True
End Function

Public Sub PythonWasWanted()
End Sub

Public Sub PythonFailed(ByVal number As Long, ByVal description As String)
    Note "failed", description
End Sub

Public Function CallPython(ByVal what As String, ByVal given As Variant) As Variant
    Dim index As Long, said As String
    For index = LBound(given) To UBound(given)
        If index > LBound(given) Then said = said & ";"
        said = said & CStr(given(index))
    Next index
    CallPython = what & "(" & said & ")"
End Function

Public Sub RunInPython(ByVal action As String)
    Note "action", action
End Sub

Public Sub RetryPython()
    Note "python", "retry"
End Sub

Public Sub StartPython()
    Note "python", "start"
End Sub

Public Sub StopPython()
    Note "python", "stop"
End Sub

Public Sub NoteHelp(ByVal what As String, ByVal summary As String, ByVal category As String, ByVal arguments As String)
    Note what, summary, category, arguments
End Sub

Private Sub Note(ByVal what As String, ByVal said As String, Optional ByVal more As String = "", Optional ByVal last As String = "")
    Static count As Long
    Dim sheet As Object
    Set sheet = ThisWorkbook.Worksheets("Twin")
    count = count + 1
    sheet.Cells(count, 4).Value = what
    sheet.Cells(count, 5).Value = said
    sheet.Cells(count, 6).Value = more
    sheet.Cells(count, 7).Value = last
End Sub
