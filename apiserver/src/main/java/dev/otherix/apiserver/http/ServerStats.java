package dev.otherix.apiserver.http;

/// What a server has counted, at one moment.
///
/// @param openConnections now
/// @param refusedConnections closed because there were too many
/// @param handshakeFailures of TLS
/// @param http1Requests over HTTP/1, upgrades to WebSocket included
/// @param webSockets opened
/// @param refusedRequests answered here, without the handler: malformed, too large, too many
/// @param runningHandlers threads in the handler now
/// @param bodyBytesInFlight of requests, held now
/// @param openStreams answers without a known end, now
public record ServerStats(
    long openConnections,
    long refusedConnections,
    long handshakeFailures,
    long http1Requests,
    long http2Requests,
    long webSockets,
    long refusedRequests,
    long runningHandlers,
    long bodyBytesInFlight,
    long openStreams) {}
