/// What every object has: metadata and its rules, keys, kinds, and the value types that Kubernetes
/// clients write as strings.
@NullMarked
package dev.otherix.apimachinery.object;

import org.jspecify.annotations.NullMarked;
