/// What all controllers of machines, nodes, networks and pools share: the names of the resources,
/// and the cluster's settings.
@NullMarked
package dev.otherix.controllers.cluster;

import org.jspecify.annotations.NullMarked;
