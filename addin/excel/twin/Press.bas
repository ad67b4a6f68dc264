Attribute VB_Name = "Press"
Option Explicit

' Presses a button of the ribbon: LibreOffice shows no ribbon, so the callback is called by its name.

Public Function Pressed(ByVal callback As String, ByVal id As String, ByVal tag As String) As String
    Dim control As New TwinControl, returned As Variant
    control.ID = id
    control.Tag = tag
    Select Case callback
        Case "ReceivablesAction": ReceivablesAction control
        Case "ReceivablesRetry": ReceivablesRetry control
        Case "ReceivablesLabel": ReceivablesLabel control, returned
        Case "ReceivablesTopic": ReceivablesTopic control, returned
        Case "ReceivablesTip": ReceivablesTip control, returned
        Case "ReceivablesFunctionTip": ReceivablesFunctionTip control, returned
    End Select
    Pressed = returned
End Function
