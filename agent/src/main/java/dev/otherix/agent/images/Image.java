package dev.otherix.agent.images;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import java.nio.file.Path;

/// An image in the store: checked, whole, and never changed.
///
/// @param fileBytes how long the file is
/// @param virtualBytes what a guest sees
public record Image(String sha256, Format format, long fileBytes, long virtualBytes, Path file) {}
