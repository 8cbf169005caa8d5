/// Selectors over labels and fields: parsing, printing and matching without allocation.
@NullMarked
package dev.otherix.apimachinery.selector;

import org.jspecify.annotations.NullMarked;
