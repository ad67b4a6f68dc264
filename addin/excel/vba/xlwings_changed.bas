' Procedures of xlwings that receivables replaces. The Python process is started elsewhere
' (ReceivablesPython); here Excel joins it, and nothing in this module starts a program.

Private Function XLPyCommand() As String
    XLPyCommand = PythonServerId()
    If XLPyCommand = "" Then Err.Raise 1, Description:="Python was not started. Press Start Python on the ribbon."
End Function

Private Sub XLPyLoadDLL()
    ' The library beside the user's own Python, by its full path: Windows would otherwise look for
    ' it in the current directory, where a workbook may have come with one.
    Static loaded As Boolean
    Dim interpreter As String, folder As String
    If loaded Then Exit Sub
    interpreter = GetConfig("INTERPRETER_WIN", "")
    If InStr(interpreter, "\") > 0 Then
        folder = ParentFolder(interpreter)
        loaded = LoadLibrary(folder & "\" & XLPyDLLName) <> 0
        If Not loaded Then loaded = LoadLibrary(ParentFolder(folder) & "\" & XLPyDLLName) <> 0
    End If
    If Not loaded Then Err.Raise 1, Description:=XLPyDLLName & " is not beside the Python of the add-in. Run: receivables excel doctor"
End Sub
