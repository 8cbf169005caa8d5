package dev.otherix.apimachinery.client;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/// What the bytes of one connection go through. One thread reads, one writes, any thread closes,
/// which ends what the others wait for.
interface Wire extends ByteChannel {
  /// Called once, before anything else but close.
  void connect() throws IOException;
}
