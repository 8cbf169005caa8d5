package dev.otherix.controllers.networks;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Who has which address, by network, and which hardware address, over all networks. An address
/// counts from the moment it is given, whether or not its port has come back from the server.
/// Thread-safe; the lock guards every field.
final class AddressBook {
  /// The prefix that QEMU's guests are known by.
  private static final String MAC_PREFIX = "52:54:00";

  private static final int MAC_ATTEMPTS_MAX = 1000;

  private final ReentrantLock lock = new ReentrantLock();
  private final RandomGenerator random;
  private final Map<String, Held> ports = new HashMap<>();
  private final Map<String, String> macs = new HashMap<>();
  private final Map<String, Used> networks = new HashMap<>();

  AddressBook(RandomGenerator random) {
    this.random = random;
  }

  /// What a port has.
  ///
  /// @param address empty when its network gives none
  record Held(String network, String mac, String address) {}

  /// What a port asks for.
  ///
  /// @param subnet null when the network has none
  /// @param assigns whether the network gives an address to who asks for none
  /// @param mac null for any
  /// @param address null for the lowest that is free
  record Wish(
      String network,
      @Nullable Subnet subnet,
      boolean assigns,
      @Nullable String mac,
      @Nullable String address) {}

  /// What came of it.
  sealed interface Answer {}

  record Given(Held held) implements Answer {}

  record Refused(String reason, String message) implements Answer {}

  private static final class Used {
    final Set<Long> addresses = new HashSet<>();

    /// No address below it is free.
    long lowest;
  }

  /// As the server has the port.
  void note(String port, Held held) {
    lock.lock();
    try {
      forget(port);
      put(port, held);
    } finally {
      lock.unlock();
    }
  }

  void release(String port) {
    lock.lock();
    try {
      forget(port);
    } finally {
      lock.unlock();
    }
  }

  /// Gives a port what it asks for, and the same again when it asks again.
  Answer give(String port, Wish wish) {
    lock.lock();
    try {
      Held present = ports.get(port);
      if (present != null && present.network().equals(wish.network())) {
        return new Given(present);
      }
      forget(port);
      String mac = wish.mac() == null ? freeMac() : wish.mac().toLowerCase(Locale.ROOT);
      String holder = macs.get(mac);
      if (holder != null) {
        return new Refused(
            "MACAddressInUse", "hardware address " + mac + " belongs to port " + holder);
      }
      Answer answer = address(wish, mac);
      if (answer instanceof Given(Held held)) {
        put(port, held);
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  private Answer address(Wish wish, String mac) {
    Subnet subnet = wish.subnet();
    String asked = wish.address();
    if (asked != null) {
      return asked(wish, subnet, asked, mac);
    }
    if (subnet == null || !wish.assigns()) {
      return new Given(new Held(wish.network(), mac, ""));
    }
    Used used = networks.computeIfAbsent(wish.network(), _ -> new Used());
    long at = subnet.unreservedFrom(Math.max(used.lowest, subnet.first()));
    while (at < subnet.last() && used.addresses.contains(at)) {
      at = subnet.unreservedFrom(at + 1);
    }
    used.lowest = at;
    return at < subnet.last()
        ? new Given(new Held(wish.network(), mac, Subnet.text(at)))
        : new Refused(
            "SubnetFull",
            "network "
                + wish.network()
                + " has no free address; delete machines on it or give it a larger subnet");
  }

  private Answer asked(Wish wish, @Nullable Subnet subnet, String asked, String mac) {
    if (subnet == null || !subnet.mayGive(Subnet.number(asked))) {
      return new Refused(
          "AddressNotInSubnet",
          "network " + wish.network() + " has no address " + asked + " for machines");
    }
    Used used = networks.computeIfAbsent(wish.network(), _ -> new Used());
    return used.addresses.contains(Subnet.number(asked))
        ? new Refused(
            "AddressInUse",
            "address " + asked + " of network " + wish.network() + " belongs to another machine")
        : new Given(new Held(wish.network(), mac, asked));
  }

  private String freeMac() {
    for (int i = 0; i < MAC_ATTEMPTS_MAX; i++) {
      int tail = random.nextInt(1 << 24);
      String mac =
          String.format(
              Locale.ROOT,
              "%s:%02x:%02x:%02x",
              MAC_PREFIX,
              tail >> 16,
              tail >> 8 & 0xff,
              tail & 0xff);
      if (!macs.containsKey(mac)) {
        return mac;
      }
    }
    throw new IllegalStateException("no free hardware address among " + macs.size());
  }

  private void put(String port, Held held) {
    ports.put(port, held);
    macs.put(held.mac(), port);
    if (!held.address().isEmpty()) {
      Used used = networks.computeIfAbsent(held.network(), _ -> new Used());
      used.addresses.add(Subnet.number(held.address()));
    }
  }

  private void forget(String port) {
    Held held = ports.remove(port);
    if (held == null) {
      return;
    }
    macs.remove(held.mac(), port);
    Used used = networks.get(held.network());
    if (used != null && !held.address().isEmpty()) {
      long address = Subnet.number(held.address());
      used.addresses.remove(address);
      used.lowest = Math.min(used.lowest, address);
    }
  }
}
