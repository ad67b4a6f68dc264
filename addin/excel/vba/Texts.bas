Attribute VB_Name = "Texts"
Option Explicit
Option Private Module

' Every text a user sees stands on the sheets Texts and Help of this add-in: the code page of
' VBA has no Chinese.

Public Function UiLanguage() As String
    ' "zh" or "en": LANGUAGE of the user's settings, else the language of Excel's menus.
    Static language As String
    On Error Resume Next
    If language = "" Then
        language = LCase$(Left$(GetConfig("LANGUAGE", ""), 2))
        If language = "" Then language = IIf(MenusAreChinese(), "zh", "en")
        If language <> "zh" Then language = "en"
    End If
    UiLanguage = language
End Function

Private Function MenusAreChinese() As Boolean
    ' 2 = msoLanguageIDUI; the low ten bits name the language, the rest the country; 4 = Chinese.
    On Error Resume Next
    MenusAreChinese = ((Application.LanguageSettings.LanguageID(2) And &H3FF) = 4)
End Function

Public Function Say(ByVal key As String) As String
    Say = TextOf("Texts", key, IIf(UiLanguage() = "zh", 3, 2))
End Function

Public Function FunctionHelp(ByVal what As String) As String
    FunctionHelp = TextOf("Help", what, IIf(UiLanguage() = "zh", 4, 3))
End Function

Private Function TextOf(ByVal sheetName As String, ByVal key As String, ByVal column As Long) As String
    ' The text in the first row of the key; the key itself where it has none.
    Dim sheet As Worksheet, at As Long
    TextOf = key
    Set sheet = ThisWorkbook.Worksheets(sheetName)
    at = 2
    Do While sheet.Cells(at, 1).Value <> ""
        If sheet.Cells(at, 1).Value = key Then
            TextOf = sheet.Cells(at, column).Value
            Exit Function
        End If
        at = at + 1
    Loop
End Function
