/// A small seeded fuzz runner, for the tests of every module.
@NullMarked
package dev.otherix.apimachinery.fuzz;

import org.jspecify.annotations.NullMarked;
