/// Machines on QEMU: its command line, its processes, its monitor.
@NullMarked
package dev.otherix.agent.qemu;

import org.jspecify.annotations.NullMarked;
