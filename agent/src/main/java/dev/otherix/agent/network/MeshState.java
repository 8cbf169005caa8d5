package dev.otherix.agent.network;

/// This node's end of the mesh, as others may know it.
///
/// @param publicKey in base64
/// @param endpoint address and port; empty when others cannot reach it
public record MeshState(String publicKey, String endpoint) {}
