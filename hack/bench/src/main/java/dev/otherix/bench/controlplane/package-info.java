/// What the control plane of machines costs: from the manifest to the agent.
@NullMarked
package dev.otherix.bench.controlplane;

import org.jspecify.annotations.NullMarked;
