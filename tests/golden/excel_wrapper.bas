Attribute VB_Name = "ReceivablesCells"
Option Explicit

Public Function AGING_BUCKET(due_on As Variant, as_of As Variant, Optional edges As Variant, Optional issued_on As Variant, Optional terms_days As Variant, Optional day_on_edge As Variant) As Variant
    AGING_BUCKET = Asked("AGING_BUCKET", Array(due_on, as_of, edges, issued_on, terms_days, day_on_edge))
End Function

Public Function AGING_DAYS(due_on As Variant, as_of As Variant, Optional issued_on As Variant, Optional terms_days As Variant) As Variant
    AGING_DAYS = Asked("AGING_DAYS", Array(due_on, as_of, issued_on, terms_days))
End Function

Public Function AGING_SUM(amounts As Variant, due_on As Variant, as_of As Variant, bucket As Variant, Optional edges As Variant, Optional issued_on As Variant, Optional terms_days As Variant, Optional day_on_edge As Variant) As Variant
    AGING_SUM = Asked("AGING_SUM", Array(amounts, due_on, as_of, bucket, edges, issued_on, terms_days, day_on_edge))
End Function

Public Function FX_EXPOSURE(currencies As Variant, amounts As Variant, home_currency As Variant, as_of As Variant, Optional rates As Variant, Optional hedged As Variant, Optional move As Variant) As Variant
    If InWizard() Then Exit Function
    FX_EXPOSURE = Asked("FX_EXPOSURE", Array(currencies, amounts, home_currency, as_of, rates, hedged, move))
End Function

Public Function TOTAL(first As Variant, ParamArray more() As Variant) As Variant
    Dim rest As Variant
    rest = more
    TOTAL = Asked("TOTAL", Joined(Array(first), rest))
End Function
