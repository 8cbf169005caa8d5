/// The otherix API: its kinds, read from their schema files.
@NullMarked
package dev.otherix.schemas;

import org.jspecify.annotations.NullMarked;
