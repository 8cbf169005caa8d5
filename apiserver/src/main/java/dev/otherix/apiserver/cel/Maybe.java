package dev.otherix.apiserver.cel;

import org.jspecify.annotations.Nullable;

/// An optional value of CEL: `optional.of(x)`, `optional.none()`.
record Maybe(@Nullable Object value) {
  static final Maybe NONE = new Maybe(null);
}
