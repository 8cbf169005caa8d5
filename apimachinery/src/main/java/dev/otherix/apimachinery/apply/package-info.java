/// Server-side apply: who owns which field, and how a partial configuration joins an object.
///
/// The way in is [dev.otherix.apimachinery.apply.ServerSideApply].
@NullMarked
package dev.otherix.apimachinery.apply;

import org.jspecify.annotations.NullMarked;
