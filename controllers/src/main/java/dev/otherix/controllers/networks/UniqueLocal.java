package dev.otherix.controllers.networks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/// A network's prefix of IPv6 addresses that are routed nowhere else (RFC 4193), and the addresses
/// in it that its machines give themselves (RFC 4291, appendix A).
final class UniqueLocal {
  private static final int GROUP_BITS = 16;
  private static final int GROUPS = 4;
  private static final long UNIQUE_LOCAL = 0xfd00_0000_0000_0000L;
  private static final long RANDOM_BITS = 0x00ff_ffff_ffff_ffffL;
  private static final long BY_HAND = 1L << 57;
  private static final long MIDDLE = 0xfffeL;

  private UniqueLocal() {}

  /// The same for a network's whole life, and of 2^56 another one for every network.
  ///
  /// @param uid of the network
  static String prefixOf(String uid) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(uid.getBytes(StandardCharsets.UTF_8));
      long number = ByteBuffer.wrap(hash).getLong();
      return groups((number & RANDOM_BITS) | UNIQUE_LOCAL) + "::/64";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// What a machine with a hardware address takes for its own.
  static String address(String prefix, String mac) {
    long number = Long.parseLong(mac.replace(":", ""), 16);
    long interfaceId = (number >> 24) << 40 | MIDDLE << 24 | (number & 0xff_ffffL);
    String start = prefix.substring(0, prefix.indexOf("::"));
    return start + ":" + groups(interfaceId ^ BY_HAND);
  }

  private static String groups(long number) {
    StringBuilder text = new StringBuilder();
    for (int i = GROUPS - 1; i >= 0; i--) {
      text.append(String.format(Locale.ROOT, "%x", number >>> (i * GROUP_BITS) & 0xffff));
      text.append(i == 0 ? "" : ":");
    }
    return text.toString();
  }
}
