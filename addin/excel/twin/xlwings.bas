Attribute VB_Name = "xlwings"
Option Explicit

' The twin's stand-in: LibreOffice has no library of xlwings and no settings file. Cell B1 of the sheet
' Twin is the setting LANGUAGE.

Public Function GetConfig(ByVal key As String, Optional ByVal fallback As String = "") As Variant
    GetConfig = fallback
    If key = "LANGUAGE" Then GetConfig = ThisWorkbook.Worksheets("Twin").Range("B1").Value
End Function
