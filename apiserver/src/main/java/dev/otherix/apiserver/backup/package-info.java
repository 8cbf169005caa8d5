/// Copies of a store in a folder: taken on time, proved, encrypted, and not too many.
@NullMarked
package dev.otherix.apiserver.backup;

import org.jspecify.annotations.NullMarked;
