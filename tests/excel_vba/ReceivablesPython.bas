Option Explicit

' Stands in for the Python process: answers as the server does, by the name of the function, and keeps
' what it was told.

Private down As Boolean
Private noted As String

Public Function Notes() As String
    Notes = noted
End Function

Public Function PythonIsReady() As Boolean
    PythonIsReady = Not down
End Function

Public Sub PythonWasWanted()
    Note "wanted"
End Sub

Public Sub PythonFailed(ByVal number As Long, ByVal description As String)
    Note "failed: " & description
    down = True
End Sub

Public Function CallPython(ByVal what As String, ByVal given As Variant) As Variant
    Dim table(0 To 1, 0 To 1) As Variant, marked(0 To 2, 0 To 1) As Variant
    Select Case what
        Case "AGING_DAYS": CallPython = 31#
        Case "AGING_YEARS": CallPython = Chr$(1) & "T" & Chr$(1) & "text"
        Case "AGING_INDEX": CallPython = Chr$(1) & "E2042"
        Case "DSO_COUNTBACK_EXPLAIN"
            table(0, 0) = "step": table(0, 1) = "result"
            table(1, 0) = "month": table(1, 1) = 12.5
            CallPython = table
        Case "RESERVE_EXPLAIN"
            marked(0, 0) = Chr$(1) & "F": marked(0, 1) = ""
            marked(1, 0) = "step": marked(1, 1) = Chr$(1) & "T" & Chr$(1) & "odd"
            marked(2, 0) = Chr$(1) & "E2036": marked(2, 1) = 7#
            CallPython = marked
        Case "DSO": Err.Raise 1000, , "the process is gone"
        Case Else: CallPython = Told(given)
    End Select
End Function

Private Function Told(ByVal given As Variant) As String
    Dim index As Long
    For index = LBound(given) To UBound(given)
        If index > LBound(given) Then Told = Told & "; "
        Told = Told & OneTold(given(index))
    Next index
End Function

Private Function OneTold(ByVal value As Variant) As String
    If IsArray(value) Then
        OneTold = UBound(value, 1) - LBound(value, 1) + 1 & " x " & UBound(value, 2) - LBound(value, 2) + 1 & " from " & CStr(value(LBound(value, 1), LBound(value, 2)))
    ElseIf IsEmpty(value) Then
        OneTold = "blank"
    Else
        OneTold = TypeName(value) & " " & CStr(value)
    End If
End Function

Private Sub Note(ByVal said As String)
    noted = noted & said & "|"
End Sub
