package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apimachinery.codec.ListEncoding;
import dev.otherix.apiserver.http.Body;

/// A list, gathered from its items' own bytes while it is sent.
final class ListBody implements Body {
  private final ListEncoding list;

  ListBody(ListEncoding list) {
    this.list = list;
  }

  @Override
  public long length() {
    return list.length();
  }

  @Override
  public boolean writeSlice(ByteSink sink) {
    return list.write(sink, SLICE_BYTES);
  }
}
