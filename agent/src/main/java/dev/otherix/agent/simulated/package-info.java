/// A hypervisor without machines: for tests of many nodes, and for what goes wrong.
@NullMarked
package dev.otherix.agent.simulated;

import org.jspecify.annotations.NullMarked;
