Option Explicit
Option Private Module

' What a cell function does between the sheet and Python: ranges become their values before the call,
' so that one call crosses to Python, and what Python marks as an error becomes a real one after it.

Private Const NOT_AVAILABLE As Long = 2042
Private Const BAD_VALUE As Long = 2015

Public Function Asked(ByVal what As String, ByVal given As Variant) As Variant
    Dim plain As Variant
    If Not PythonIsReady() Then
        PythonWasWanted
        Asked = CVErr(NOT_AVAILABLE)
        Exit Function
    End If
    On Error GoTo Failed
    plain = PlainValues(given)
    If IsEmpty(plain) Then
        Asked = CVErr(BAD_VALUE)
        Exit Function
    End If
    On Error GoTo Lost
    Asked = CallPython(what, plain)
    On Error GoTo Failed
    If IsMarked(Asked) Then Asked = Unmarked(Asked)
    Exit Function
Failed:
    Asked = CVErr(BAD_VALUE)
    Exit Function
Lost:
    PythonFailed Err.Number, Err.Description
    Asked = CVErr(NOT_AVAILABLE)
End Function

Public Function Joined(ByVal first As Variant, ByVal rest As Variant) As Variant
    Dim all() As Variant, index As Long, size As Long
    size = UBound(first) + 1
    ReDim all(0 To size + UBound(rest) - LBound(rest))
    For index = 0 To UBound(first)
        Keep all, index, first(index)
    Next index
    For index = LBound(rest) To UBound(rest)
        Keep all, size + index - LBound(rest), rest(index)
    Next index
    Joined = all
End Function

Private Sub Keep(target() As Variant, ByVal index As Long, ByVal value As Variant)
    If IsObject(value) Then
        Set target(index) = value
    Else
        target(index) = value
    End If
End Sub

' Empty if an argument is a selection of several areas: of those Value would give the first one only.
' What is left out stays Empty, which Python reads as a blank.
Private Function PlainValues(ByVal given As Variant) As Variant
    Dim plain() As Variant, index As Long, last As Long
    last = LastUsedRow(given)
    ReDim plain(LBound(given) To UBound(given))
    For index = LBound(given) To UBound(given)
        If IsObject(given(index)) Then
            If given(index).Areas.Count > 1 Then Exit Function
            plain(index) = ValuesOf(given(index), last)
        ElseIf Not IsMissing(given(index)) Then
            plain(index) = given(index)
        End If
    Next index
    PlainValues = plain
End Function

' Whole columns end at the last used row of all of them, so that they stay of one length.
Private Function LastUsedRow(ByVal given As Variant) As Long
    Dim index As Long, last As Long
    For index = LBound(given) To UBound(given)
        If IsObject(given(index)) Then
            If IsWholeColumn(given(index)) Then
                With given(index).Worksheet.UsedRange
                    last = .Row + .Rows.Count - 1
                End With
                If last > LastUsedRow Then LastUsedRow = last
            End If
        End If
    Next index
End Function

Private Function IsWholeColumn(ByVal source As Object) As Boolean
    IsWholeColumn = source.Rows.Count > 65535
    If IsWholeColumn Then IsWholeColumn = (source.Rows.Count = source.Worksheet.Rows.Count)
End Function

' Value2 is what the cell holds: no currency cut to four decimals, dates as serials. Where a workbook
' counts days from 1904 only Value knows the true dates.
Private Function ValuesOf(ByVal source As Object, ByVal last As Long) As Variant
    Dim part As Object
    Set part = source
    If last > 0 Then
        If IsWholeColumn(source) Then Set part = source.Resize(last)
    End If
    If part.Worksheet.Parent.Date1904 Then
        ValuesOf = part.Value
    Else
        ValuesOf = part.Value2
    End If
End Function

' Only an answer with errors carries marks: the first cell of an array says so, a clean one is not read.
Private Function IsMarked(answer As Variant) As Boolean
    If IsArray(answer) Then
        IsMarked = StartsWithMark(FirstCell(answer))
    Else
        IsMarked = StartsWithMark(answer)
    End If
End Function

Private Function FirstCell(answer As Variant) As Variant
    On Error Resume Next
    FirstCell = answer(LBound(answer, 1), LBound(answer, 2))
End Function

Private Function StartsWithMark(value As Variant) As Boolean
    If VarType(value) = vbString Then StartsWithMark = (Left$(value, 1) = Chr$(1))
End Function

Private Function Unmarked(answer As Variant) As Variant
    If IsArray(answer) Then
        Unmarked = WithErrors(answer)
    Else
        Unmarked = OneUnmarked(answer)
    End If
End Function

Private Function WithErrors(answer As Variant) As Variant
    Dim cells() As Variant, row As Long, column As Long, top As Long, left_edge As Long
    top = LBound(answer, 1) + 1
    left_edge = LBound(answer, 2)
    ReDim cells(1 To UBound(answer, 1) - top + 1, 1 To UBound(answer, 2) - left_edge + 1)
    For row = 1 To UBound(cells, 1)
        For column = 1 To UBound(cells, 2)
            cells(row, column) = OneUnmarked(answer(top + row - 1, left_edge + column - 1))
        Next column
    Next row
    WithErrors = cells
End Function

Private Function OneUnmarked(value As Variant) As Variant
    If Not StartsWithMark(value) Then
        OneUnmarked = value
    ElseIf Mid$(value, 2, 1) = "E" Then
        OneUnmarked = CVErr(CLng(Mid$(value, 3)))
    Else
        OneUnmarked = Mid$(value, 3)
    End If
End Function

' The function wizard calls at every key; a table is not read for that. It shows when a menu is disabled.
Public Function InWizard() As Boolean
    On Error Resume Next
    InWizard = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function
