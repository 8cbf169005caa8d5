/// What clients and controllers count, without a library for it: whoever shows it, such as the
/// server's `/metrics`, reads families.
@NullMarked
package dev.otherix.apimachinery.meter;

import org.jspecify.annotations.NullMarked;
