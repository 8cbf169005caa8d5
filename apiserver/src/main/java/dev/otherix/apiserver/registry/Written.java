package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.codec.EncodedObject;

/// What a write left behind.
///
/// @param object in the version that was asked for; what was removed when the write removed it. On
///   a dry run what would have been stored
/// @param created whether the object is new
public record Written(EncodedObject object, boolean created) {}
