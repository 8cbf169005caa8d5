package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;

/// An object that is to be deleted.
///
/// @param title as lines call it: `VM/web-0`
/// @param seen whether it was there when the command began; others of the command may take it along
public record Doomed(String title, ResourceClient objects, ObjectKey key, boolean seen) {}
