package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.codec.EncodedObject;

/// What a delete did.
///
/// @param object as it was last, or as it waits for its finalizers now
/// @param gone whether it is removed
public record Deleted(EncodedObject object, String uid, boolean gone) {}
