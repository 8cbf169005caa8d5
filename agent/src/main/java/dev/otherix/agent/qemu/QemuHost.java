package dev.otherix.agent.qemu;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What [QemuCommand] needs to know of the host.
///
/// @param uefiCode firmware that machines share; null when the host has none
/// @param uefiVariables what a machine's own variables begin as; null when the host has none
record QemuHost(
    GuestArch arch,
    Path binary,
    String version,
    Accelerator accelerator,
    String accelerationReason,
    @Nullable Path uefiCode,
    @Nullable Path uefiVariables) {}
