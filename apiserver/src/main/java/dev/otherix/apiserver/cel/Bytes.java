package dev.otherix.apiserver.cel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A value of type `bytes`. The array is never changed.
record Bytes(byte[] bytes) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
