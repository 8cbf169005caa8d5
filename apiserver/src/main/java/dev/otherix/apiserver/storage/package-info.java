/// Where objects are kept: bytes under keys, by revision. Knows no kinds and no HTTP.
@NullMarked
package dev.otherix.apiserver.storage;

import org.jspecify.annotations.NullMarked;
