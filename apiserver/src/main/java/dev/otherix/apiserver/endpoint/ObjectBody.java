package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.RevisionDigits;
import dev.otherix.apiserver.http.Body;

/// One object, as the bytes that it is kept in.
final class ObjectBody implements Body {
  private final EncodedObject object;

  ObjectBody(EncodedObject object) {
    this.object = object;
  }

  @Override
  public long length() {
    return object.length();
  }

  @Override
  public boolean writeSlice(ByteSink sink) {
    object.writeTo(sink, new RevisionDigits());
    return false;
  }
}
