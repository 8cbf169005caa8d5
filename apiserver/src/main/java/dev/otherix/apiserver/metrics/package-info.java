/// What the server counts, under the names that Kubernetes' dashboards and alerts know, and its
/// `/metrics`.
@NullMarked
package dev.otherix.apiserver.metrics;

import org.jspecify.annotations.NullMarked;
