/// Bytes to trees and back: JSON, YAML, the canonical encoding and its splice point.
@NullMarked
package dev.otherix.apimachinery.codec;

import org.jspecify.annotations.NullMarked;
