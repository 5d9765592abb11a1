"""The demands on security, by the numbers that the markers `security` use."""

REQUIREMENTS = {
    1: "Hostile names from a server never become paths",
    2: "No link leads out of the folder, also when it is swapped in at the last moment",
    3: "Only announced storage hosts are contacted; no redirects",
    4: "No token and no signed URL in logs, crash files or status",
    5: "Tokens in the keyring or a private file; a revoked device is out within a minute",
    6: "The control channel is the user's alone",
    7: "Modes are never widened; everything travels over TLS",
    8: "Forged tokens are refused",
    9: "What belongs to another account is not there",
    10: "Presigned URLs only for who may, for a short time; content is written once",
    11: "Content is identified by SHA-256 and kept apart by account",
    12: "Limits on quota, sizes, depth, pages and requests; abandoned uploads are collected",
    13: "No browser shows a downloaded file as a page",
    14: "The server never fetches an address that a client names",
    15: "Push over WebSocket checks origin and token",
    16: "The web app runs no script but its own",
    17: "Hostile names run nothing in the web app",
    18: "The web app keeps its tokens out of reach of scripts",
}

_PHONE = "comes with the phone's web app"

NOT_YET = {
    15: "comes with a server that pushes over WebSocket; ours pushes over HTTP",
    16: _PHONE,
    17: _PHONE,
    18: _PHONE,
}
