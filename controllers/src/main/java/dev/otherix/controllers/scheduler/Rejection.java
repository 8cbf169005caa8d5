package dev.otherix.controllers.scheduler;

/// Why one node cannot take a machine.
///
/// @param detail for people, without the node's name
public record Rejection(String node, RejectionReason reason, String detail) {}
