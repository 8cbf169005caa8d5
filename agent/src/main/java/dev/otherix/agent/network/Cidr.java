package dev.otherix.agent.network;

/// An IPv4 network.
///
/// @param first its own address, as a number of 32 bits
/// @param prefix how many leading bits name it
record Cidr(int first, int prefix) {
  private static final int BITS = 32;

  /// @param text such as `10.0.0.0/8`, as the schema lets it pass
  static Cidr of(String text) {
    int slash = text.indexOf('/');
    return new Cidr(address(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  /// The network that an address of a device is in.
  ///
  /// @param text such as `10.0.0.1/8`, or `10.0.0.1 peer 10.1.0.0/16`
  static Cidr ofAddress(String text) {
    return of(text.substring(text.lastIndexOf(' ') + 1));
  }

  int mask() {
    return prefix == 0 ? 0 : -1 << (BITS - prefix);
  }

  boolean contains(int address) {
    return (address & mask()) == (first & mask());
  }

  boolean overlaps(Cidr other) {
    return prefix <= other.prefix ? contains(other.first) : other.contains(first);
  }

  @Override
  public String toString() {
    return text(first) + "/" + prefix;
  }

  static int address(String text) {
    int number = 0;
    for (String each : text.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(each);
    }
    return number;
  }

  static String text(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 0xff)
        + "."
        + (address >>> 8 & 0xff)
        + "."
        + (address & 0xff);
  }
}
