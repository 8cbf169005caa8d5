package dev.otherix.agent.images;

import dev.otherix.agent.images.ImageException.Reason;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Decides which address of a host is asked for an image. What was decided is what is connected to:
/// a name that means something else a moment later changes nothing.
final class SourceAddress {
  private static final int SHARED_FIRST = 100;
  private static final int SHARED_MASK = 0xc0;
  private static final int SHARED_SECOND = 64;
  private static final int RESERVED_FIRST = 240;

  /// 64:ff9b::/96 carries an address of version 4 in its last four bytes.
  private static final byte[] TRANSLATED = {
    0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /// fd00:ec2::/32, where a cloud answers its machines about themselves.
  private static final byte[] METADATA = {(byte) 0xfd, 0, 0x0e, (byte) 0xc2};

  private final Resolver resolver;
  private final List<String> privateHosts;

  /// From a name to addresses.
  interface Resolver {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  SourceAddress(Resolver resolver, List<String> privateHosts) {
    this.resolver = resolver;
    this.privateHosts = privateHosts;
  }

  /// @param shown the source, for people
  /// @throws ImageException when one of its addresses is forbidden
  InetAddress of(String host, String shown) throws IOException {
    String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    InetAddress[] all = resolver.addresses(name);
    if (all.length == 0) {
      throw new UnknownHostException(name + " has no address");
    }
    if (privateHosts.contains(name)) {
      return all[0];
    }
    for (InetAddress each : all) {
      if (forbidden(each)) {
        throw new ImageException(
            Reason.FORBIDDEN,
            "the image "
                + shown
                + " is at "
                + each.getHostAddress()
                + ", which is this machine or its link; offer it at another address, or allow the"
                + " host with --image-host");
      }
    }
    return all[0];
  }

  /// Addresses of private networks are allowed: image servers stand there.
  static boolean forbidden(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isMulticastAddress()
        || address.isAnyLocalAddress()) {
      return true;
    }
    byte[] bytes = address.getAddress();
    if (address instanceof Inet6Address) {
      return startsWith(bytes, METADATA)
          || startsWith(bytes, TRANSLATED)
          || address.isSiteLocalAddress();
    }
    int first = bytes[0] & 0xff;
    return first == 0
        || first >= RESERVED_FIRST
        || (first == SHARED_FIRST && (bytes[1] & SHARED_MASK) == SHARED_SECOND);
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
