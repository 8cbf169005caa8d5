/// The kinds that every Kubernetes client expects, each a schema file below `builtin/` and, where a
/// schema cannot say it, a small class of rules.
@NullMarked
package dev.otherix.apiserver.builtin;

import org.jspecify.annotations.NullMarked;
