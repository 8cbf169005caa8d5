/// Random requests for a whole server.
@NullMarked
package dev.otherix.apiserver.fuzz;

import org.jspecify.annotations.NullMarked;
