/// Errors as Kubernetes clients expect them.
@NullMarked
package dev.otherix.apimachinery.status;

import org.jspecify.annotations.NullMarked;
