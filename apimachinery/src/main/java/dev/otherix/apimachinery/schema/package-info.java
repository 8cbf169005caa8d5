/// A kind and its schema: validation, defaulting, pruning, publication.
@NullMarked
package dev.otherix.apimachinery.schema;

import org.jspecify.annotations.NullMarked;
