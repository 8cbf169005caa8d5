package dev.otherix.apiserver.fairness;

/// What a level has counted: the `apiserver_flowcontrol_*` metrics.
///
/// @param executing `current_executing_requests`
/// @param seatsInUse `current_executing_seats`
/// @param waiting `current_inqueue_requests`
/// @param dispatched `dispatched_requests_total`
/// @param rejectedQueueFull `rejected_requests_total{reason="queue-full"}`
/// @param rejectedTimeOut `rejected_requests_total{reason="time-out"}`
/// @param rejectedCancelled `rejected_requests_total{reason="cancelled"}`
public record LevelStats(
    Level level,
    int seats,
    int executing,
    int seatsInUse,
    int waiting,
    long dispatched,
    long rejectedQueueFull,
    long rejectedTimeOut,
    long rejectedCancelled) {}
