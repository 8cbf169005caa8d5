package dev.otherix.apimachinery.informer;

/// @param objects that it knows now
/// @param loads how often it read the whole collection; more than once when it fell behind
/// @param streams how many watches it began
/// @param failures of requests and streams
public record InformerStats(int objects, long loads, long streams, long failures) {}
