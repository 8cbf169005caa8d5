/// Empties namespaces that are deleted, and lets them go.
@NullMarked
package dev.otherix.controllers.namespaces;

import org.jspecify.annotations.NullMarked;
