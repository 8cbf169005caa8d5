/// The patch formats that a client may send, except server-side apply.
@NullMarked
package dev.otherix.apimachinery.patch;

import org.jspecify.annotations.NullMarked;
