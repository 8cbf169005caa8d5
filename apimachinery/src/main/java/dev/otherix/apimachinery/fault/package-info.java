/// Named places where a test may make a process fail.
@NullMarked
package dev.otherix.apimachinery.fault;

import org.jspecify.annotations.NullMarked;
