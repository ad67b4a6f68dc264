Attribute VB_Name = "Startup"
Option Explicit

Private registered As Boolean

Public Sub StartReceivables()
    ' Once, after Excel has opened: help of the functions, then Python in the background.
    On Error Resume Next
    RegisterFunctions
    StartPython
End Sub

Public Sub RegisterFunctionsSoon()
    If Not registered Then Application.OnTime Now, "'" & ThisWorkbook.Name & "'!RegisterFunctions"
End Sub

Public Sub RegisterFunctions()
    ' Help for the function wizard from the sheet Help, in the language of Excel. A row for the
    ' function, then one for each argument. Excel may refuse: the functions work without help.
    Dim sheet As Worksheet, at As Long, column As Long, count As Long
    Dim what As String, summary As String, category As String, arguments() As String
    On Error Resume Next
    If registered Or ActiveWorkbook Is Nothing Then Exit Sub
    registered = True
    Set sheet = ThisWorkbook.Worksheets("Help")
    column = IIf(UiLanguage() = "zh", 4, 3)
    at = 2
    Do While sheet.Cells(at, 1).Value <> ""
        what = sheet.Cells(at, 1).Value
        summary = sheet.Cells(at, column).Value
        category = sheet.Cells(at, column + 2).Value
        count = 0
        Do While sheet.Cells(at + count + 1, 1).Value = what
            count = count + 1
            ReDim Preserve arguments(1 To count)
            arguments(count) = sheet.Cells(at + count, column).Value
        Loop
        Describe what, summary, category, count, arguments
        at = at + count + 1
    Loop
    ThisWorkbook.Saved = True
End Sub

Private Sub Describe(ByVal what As String, ByVal summary As String, ByVal category As String, ByVal count As Long, arguments() As String)
    On Error Resume Next
    what = "'" & ThisWorkbook.Name & "'!" & what
    If count = 0 Then
        Application.MacroOptions Macro:=what, Description:=summary, Category:=category
    Else
        Application.MacroOptions Macro:=what, Description:=summary, Category:=category, ArgumentDescriptions:=arguments
    End If
End Sub
