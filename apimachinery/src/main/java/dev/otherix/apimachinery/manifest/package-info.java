/// Files that people write: what is wrong with them, and where.
@NullMarked
package dev.otherix.apimachinery.manifest;

import org.jspecify.annotations.NullMarked;
