Option Explicit

' Windows, Excel and xlwings' library for the module ReceivablesPython: everything it asks of them is
' noted, and the test says what they answer.

Private noted As String
Private readyText As String
Private interpreter As String
Private refusal As String
Private answerOfBox As Long
Private passed As Double

Public Function Notes() As String
    Notes = noted
    noted = ""
End Function

Public Sub Note(ByVal said As String)
    noted = noted & said & "|"
End Sub

Public Sub Answer(ByVal ready As String, ByVal path As String, ByVal refused As String, ByVal box As Double)
    readyText = ready
    interpreter = path
    refusal = refused
    answerOfBox = box
End Sub

Public Sub Pass(ByVal seconds As Double)
    passed = passed + seconds
End Sub

Public Function Clock() As Date
    Clock = CDate(46326 + passed / 86400)
End Function

Public Function GetConfig(ByVal key As String, Optional ByVal fallback As String = "") As Variant
    GetConfig = interpreter
End Function

Public Function IsThere(ByVal path As String) As Boolean
    If Right$(path, 4) = ".exe" Then
        IsThere = (InStr(path, "gone") = 0)
    Else
        IsThere = (readyText <> "")
    End If
End Function

Public Function ReadyLine(ByVal path As String) As String
    ReadyLine = readyText
End Function

Public Function CreateGUID() As String
    CreateGUID = "11111111-2222-3333-4444-555555555555"
End Function

Public Sub RunHidden(ByVal command As String)
    If refusal = "run" Then Err.Raise 70, , "Permission denied"
    Note "run " & command
End Sub

Public Function IsGone() As Boolean
    IsGone = (refusal = "gone")
End Function

Public Sub Later(ByVal macro As String)
    Note "timer " & Mid$(macro, InStr(macro, "!") + 1)
End Sub

Public Function Box(ByVal text As String) As Long
    Note "box " & Replace(text, vbCrLf, " / ")
    Box = answerOfBox
End Function

Public Function XLPy() As Object
    If refusal = "join" Then Err.Raise 1000, , "Could not activate Python COM server"
    Set XLPy = New TwinServer
    Note "joined " & PythonServerId()
End Function

Public Function Say(ByVal key As String) As String
    Say = key & "({0})"
End Function
