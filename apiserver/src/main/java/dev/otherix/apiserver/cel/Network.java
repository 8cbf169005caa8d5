package dev.otherix.apiserver.cel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// An IP network, with host bits as they were written.
record Network(Address address, int prefix) {
  /// Null where the text is no network.
  static @Nullable Network parse(String text) {
    int slash = text.indexOf('/');
    Address address = slash < 0 ? null : Address.parse(text.substring(0, slash));
    String digits = text.substring(slash + 1);
    if (address == null || !digits.matches("0|[1-9][0-9]{0,2}")) {
      return null;
    }
    int prefix = Integer.parseInt(digits);
    return prefix <= address.bytes().length * 8 ? new Network(address, prefix) : null;
  }

  Network masked() {
    byte[] bytes = address.bytes();
    for (int bit = prefix; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
    }
    try {
      return new Network(new Address(InetAddress.getByAddress(bytes)), prefix);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address with its own length", e);
    }
  }

  boolean contains(Address other) {
    return other.isFour() == address.isFour()
        && new Network(other, prefix).masked().address.equals(masked().address);
  }

  boolean contains(Network other) {
    return other.prefix >= prefix && contains(other.address);
  }

  @Override
  public String toString() {
    return address + "/" + prefix;
  }
}
