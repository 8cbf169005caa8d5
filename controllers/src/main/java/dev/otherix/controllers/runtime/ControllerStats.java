package dev.otherix.controllers.runtime;

/// What a controller has done.
///
/// @param synced whether its informers have read everything; it does nothing before
/// @param queued keys that wait now
/// @param reconciles those that ended well
/// @param failures those that ended with an exception
/// @param staleLooks reconciles that began before the informers had seen the controller's own last
///   write
public record ControllerStats(
    String name, boolean synced, int queued, long reconciles, long failures, long staleLooks) {}
