package dev.otherix.agent.network;

/// A network on this host.
///
/// @param error why machines cannot use it here; empty when they can
public record NetworkState(String name, String error) {}
