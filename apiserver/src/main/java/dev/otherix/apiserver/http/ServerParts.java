package dev.otherix.apiserver.http;

/// What all connections of a server share.
record ServerParts(
    Handler handler,
    HttpLimits limits,
    Counters counters,
    Connections connections,
    DateHeader date) {}
