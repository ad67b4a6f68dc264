Option Explicit
Option Private Module

' One Python process per Excel. It is started without waiting, looked for every second whether it is there,
' and used only then: the DLL of xlwings would otherwise hold Excel for up to a minute.

Private Const UDF_MODULE As String = "receivables_addin.excel.binding"
Private Const SERVER_MODULE As String = "receivables_addin.excel.server"
Private Const BUTTONS_MODULE As String = "receivables_addin.excel.buttons"
Private Const PATIENCE_SECONDS As Long = 60
Private Const TITLE As String = "Receivables"
Private Const CURE As String = "%LOCALAPPDATA%\receivables\doctor.cmd"

' RPC_E_CALL_REJECTED and RPC_E_SERVERCALL_RETRYLATER: Python is there, but not now.
Private Const BUSY As Long = -2147418111
Private Const BUSY_LATER As Long = -2147417846

Private Const NOT_STARTED As Long = 0
Private Const STARTING As Long = 1
Private Const READY As Long = 2
Private Const DOWN As Long = 3

Private state As Long
Private python As Object
Private serverId As String
Private readyFile As String
Private wanted As Boolean
Private messageShown As Boolean
Private reason As String
Private pending As String
Private lost As String
Private changed As Date
Private nextLook As Date
Private watch As ReceivablesWatch

' --- for the cells

Public Function PythonIsReady() As Boolean
    PythonIsReady = (state = READY)
End Function

Public Function CallPython(ByVal what As String, ByVal given As Variant) As Variant
    CallPython = python.CallUDF(UDF_MODULE, what, given)
End Function

' A cell may not show a message nor set a timer: it leaves word, and AfterCalculate reads it.
Public Sub PythonWasWanted()
    wanted = True
End Sub

Public Sub PythonFailed(ByVal number As Long, ByVal description As String)
    If state <> READY Or number = BUSY Or number = BUSY_LATER Then Exit Sub
    Set python = Nothing
    wanted = True
    lost = description & " (" & number & ")"
    state = IIf(Now - changed > TimeSerial(0, 1, 0), NOT_STARTED, DOWN)
    changed = Now
End Sub

' --- for the add-in: Workbook_Open, Workbook_BeforeClose, the buttons

Public Sub StartPythonSoon()
    Application.OnTime Now, "'" & ThisWorkbook.Name & "'!ReceivablesPython.StartPython"
End Sub

Public Sub StartPython()
    Dim fault As String
    If state <> NOT_STARTED Then Exit Sub
    If watch Is Nothing Then
        Set watch = New ReceivablesWatch
        Set watch.App = Application
    End If
    fault = FaultBeforeStart()
    If fault <> "" Then
        PythonIsDown fault
        Exit Sub
    End If
    On Error GoTo Failed
    serverId = "{" & CreateGUID() & "}"
    readyFile = Environ$("TEMP") & "\receivables-" & Mid$(serverId, 2, 36) & ".txt"
    CreateObject("WScript.Shell").Run ServerCommand(), 0, False
    Become STARTING
    LookLater
    Exit Sub
Failed:
    PythonIsDown Filled(Say("python_forbidden"), Err.Description)
End Sub

Public Sub LookForPython()
    Dim said As String
    If state <> STARTING Then Exit Sub
    If FileExists(readyFile) Then said = FirstLine(readyFile)
    If said <> "" Then Forget readyFile
    If said = "ready" Then
        Connect
    ElseIf said <> "" Then
        PythonIsDown Filled(Say("python_fault"), said)
    ElseIf DateDiff("s", changed, Now) > PATIENCE_SECONDS Then
        PythonIsDown Filled(Say("python_silent"), CStr(PATIENCE_SECONDS))
    Else
        LookLater
    End If
End Sub

Public Sub AfterCalculate()
    If Not wanted Then Exit Sub
    If state = NOT_STARTED Then StartPythonSoon
    If state = DOWN Then TellOnceSoon
End Sub

' The button of the ribbon: try again, and say what is wrong as often as it is pressed.
Public Sub RetryPython()
    messageShown = False
    wanted = True
    If state = READY Then
        If Not IsLost() Then Exit Sub
        Become NOT_STARTED
    ElseIf state = DOWN Then
        Become NOT_STARTED
    End If
    StartPython
End Sub

Public Sub StopPython()
    On Error Resume Next
    If state = STARTING Then Application.OnTime nextLook, LookName(), , False
    python.Exec "import " & SERVER_MODULE & " as s; s.stop()"
    Set python = Nothing
    Become NOT_STARTED
End Sub

' An action of the add-in, by its id. A Sub that takes no code: a formula can call any public Function,
' so one that ran a statement would let any workbook choose what runs.
Public Sub RunInPython(ByVal action As String)
    Dim done As Object
    If state <> READY Then
        pending = action
        RetryPython
        Exit Sub
    End If
    If ActiveWorkbook Is Nothing Then
        MsgBox Say("message_no_workbook"), vbInformation, TITLE
        Exit Sub
    End If
    On Error GoTo Failed
    python.SetAttr python.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook
    Set done = python.Call(python.Module(BUTTONS_MODULE), "run", python.Tuple(action, UiLanguage()))
    Exit Sub
Failed:
    MsgBox Err.Description, vbExclamation, TITLE
    If IsLost() Then Become NOT_STARTED
End Sub

' A button that was pressed before Python was there.
Public Sub RunPending()
    Dim action As String
    action = pending
    pending = ""
    If action <> "" Then RunInPython action
End Sub

' For XLPyCommand of the xlwings module: the DLL joins the process that runs, it starts none.
Public Function PythonServerId() As String
    PythonServerId = serverId
End Function

' --- inside

Private Sub Connect()
    On Error GoTo Failed
    Set python = XLPy()
    Become READY
    messageShown = False
    If wanted Then
        wanted = False
        Application.CalculateFull
    End If
    If pending <> "" Then Application.OnTime Now, "'" & ThisWorkbook.Name & "'!ReceivablesPython.RunPending"
    Exit Sub
Failed:
    PythonIsDown Filled(Say("python_unreachable"), Err.Description)
End Sub

' Whether the process that was there answers no more; one that is busy is not lost.
Private Function IsLost() As Boolean
    Dim said As Boolean
    On Error Resume Next
    said = python.Bool("")
    IsLost = (Err.Number <> 0 And Err.Number <> BUSY And Err.Number <> BUSY_LATER)
    If IsLost Then Set python = Nothing
End Function

Private Function FaultBeforeStart() As String
    Dim interpreter As String
    interpreter = GetConfig("INTERPRETER_WIN", "")
    If interpreter = "" Then
        FaultBeforeStart = Say("python_unknown")
    ElseIf InStr(interpreter, """") > 0 Or InStr(interpreter, "\") = 0 Then
        FaultBeforeStart = Filled(Say("python_path"), interpreter)
    ElseIf Not FileExists(interpreter) Then
        FaultBeforeStart = Filled(Say("python_moved"), interpreter)
    End If
End Function

Private Function ServerCommand() As String
    ServerCommand = """" & GetConfig("INTERPRETER_WIN", "") & """ -P -B -m " & SERVER_MODULE & _
        " --clsid " & serverId & " --ready """ & readyFile & """ --excel " & Application.Hwnd
End Function

Private Sub LookLater()
    nextLook = Now + TimeSerial(0, 0, 1)
    Application.OnTime nextLook, LookName()
End Sub

Private Function LookName() As String
    LookName = "'" & ThisWorkbook.Name & "'!ReceivablesPython.LookForPython"
End Function

Private Sub PythonIsDown(ByVal why As String)
    reason = why
    lost = ""
    pending = ""
    Become DOWN
    If wanted Then TellOnce
End Sub

Private Sub TellOnceSoon()
    If Not messageShown Then Application.OnTime Now, "'" & ThisWorkbook.Name & "'!ReceivablesPython.TellOnce"
End Sub

Public Sub TellOnce()
    If messageShown Or state <> DOWN Then Exit Sub
    messageShown = True
    Application.StatusBar = Say("python_none")
    If Not Application.UserControl Then Exit Sub
    If MsgBox(Message(), vbRetryCancel + vbExclamation, TITLE) = vbRetry Then
        messageShown = False
        Become NOT_STARTED
        StartPythonSoon
    End If
End Sub

Private Function Message() As String
    ' a cell cannot look up its language, so what it noticed is put into words here
    If lost <> "" Then reason = Filled(Say("python_stopped"), lost)
    Message = reason & vbCrLf & vbCrLf & Filled(Say("python_since"), Format$(changed, "hh:nn")) & vbCrLf & _
        Filled(Say("python_cure"), CURE)
End Function

Private Function Filled(ByVal text As String, ByVal what As String) As String
    Filled = Replace(text, "{0}", what)
End Function

Private Sub Become(ByVal newState As Long)
    state = newState
    changed = Now
    Application.StatusBar = IIf(newState = STARTING, Say("python_starting"), False)
End Sub

Private Sub Forget(ByVal path As String)
    On Error Resume Next
    Kill path
End Sub

Private Function FirstLine(ByVal path As String) As String
    ' Nothing while a virus scanner holds the file: it is looked at again.
    Dim handle As Integer, said As String
    On Error Resume Next
    handle = FreeFile
    Open path For Input As #handle
    If Not EOF(handle) Then Line Input #handle, said
    Close #handle
    FirstLine = said
End Function
