package dev.otherix.apimachinery.apply;

import tools.jackson.databind.node.ObjectNode;

/// What came of a write.
///
/// @param object the object to store, managedFields included
/// @param changed false when there is nothing to store: `object` is then the live one
/// @param ownersForgotten the managedFields at hand could not be read, so they were begun anew;
///   worth a line in the log
public record Written(ObjectNode object, boolean changed, boolean ownersForgotten) {}
