Attribute VB_Name = "Press"
Option Explicit

' Presses a button of the ribbon: LibreOffice shows no ribbon, so the callback is called by its name.

Public Function Pressed(ByVal callback As String, ByVal id As String, ByVal tag As String) As String
    Dim control As New TwinControl, returned As Variant
    control.ID = id
    control.Tag = tag
    Select Case callback
        Case "OnAction": OnAction control
        Case "OnRetry": OnRetry control
        Case "GetLabel": GetLabel control, returned
        Case "GetTip": GetTip control, returned
        Case "GetFunctionTip": GetFunctionTip control, returned
    End Select
    Pressed = returned
End Function
