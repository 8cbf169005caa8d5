package dev.otherix.apiserver.registry;

import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.request.Warnings;

/// Who writes and how.
///
/// @param fieldManager the name under which managedFields record the write
/// @param dryRun do everything but the store's write
/// @param warnings where remarks for the client go
public record WriteContext(Caller caller, String fieldManager, boolean dryRun, Warnings warnings) {}
