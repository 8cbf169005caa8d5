package dev.otherix.controllers.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.schemas.v1.Network;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressBookTest {
  private final AddressBook book = new AddressBook(new Random(1));

  private static @Nullable Subnet subnet(
      Network.Type type, String text, Network.Range... reserved) {
    return Subnet.of(
        new Network.Spec(
            type,
            null,
            false,
            Network.Egress.NONE,
            text,
            null,
            List.of(reserved),
            true,
            null,
            false,
            null,
            null));
  }

  private static AddressBook.Wish any(@Nullable Subnet subnet) {
    return new AddressBook.Wish("lab", subnet, true, null, null);
  }

  private static AddressBook.Wish exactly(
      @Nullable Subnet subnet, @Nullable String mac, @Nullable String address) {
    return new AddressBook.Wish("lab", subnet, true, mac, address);
  }

  private String address(String port, AddressBook.Wish wish) {
    return assertInstanceOf(AddressBook.Given.class, book.give(port, wish)).held().address();
  }

  private String refusal(String port, AddressBook.Wish wish) {
    return assertInstanceOf(AddressBook.Refused.class, book.give(port, wish)).reason();
  }

  @ParameterizedTest
  @CsvSource({
    "OVERLAY, 10.0.0.0/24, 10.0.0.1, 10.0.0.2",
    "BRIDGE, 10.0.0.0/24, 10.0.0.2, 10.0.0.3",
    "OVERLAY, 192.168.255.252/30, 192.168.255.253, 192.168.255.254",
    "OVERLAY, 200.0.0.0/8, 200.0.0.1, 200.0.0.2",
  })
  void give_first_isTheLowestForMachines(Network.Type type, String text, String a, String b) {
    Subnet subnet = subnet(type, text);
    assertEquals(a, address("p", any(subnet)));
    assertEquals(b, address("q", any(subnet)));
    assertEquals(a, address("p", any(subnet)));
  }

  @Test
  void give_reservedRange_isSteppedOverAndGivenByName() {
    Subnet subnet =
        subnet(Network.Type.OVERLAY, "10.0.0.0/29", new Network.Range("10.0.0.1", "10.0.0.4"));
    assertEquals("10.0.0.5", address("p", any(subnet)));
    assertEquals("10.0.0.3", address("q", exactly(subnet, null, "10.0.0.3")));
    assertEquals("10.0.0.6", address("r", any(subnet)));
    assertEquals("SubnetFull", refusal("s", any(subnet)));
    book.release("p");
    assertEquals("10.0.0.5", address("s", any(subnet)));
  }

  @Test
  void give_whatAnotherHas_isRefused() {
    Subnet subnet = subnet(Network.Type.BRIDGE, "10.0.0.0/24");
    String mac = "52:54:00:00:00:01";
    address("p", exactly(subnet, mac, "10.0.0.9"));
    assertEquals("AddressInUse", refusal("q", exactly(subnet, null, "10.0.0.9")));
    assertEquals("MACAddressInUse", refusal("q", exactly(subnet, mac, null)));
    assertEquals("AddressNotInSubnet", refusal("q", exactly(subnet, null, "10.0.0.1")));
    assertEquals("AddressNotInSubnet", refusal("q", exactly(subnet, null, "10.0.0.255")));
    assertEquals("AddressNotInSubnet", refusal("q", exactly(subnet, null, "10.0.1.0")));
  }

  @Test
  void give_networkThatAssignsNone_hasOnlyAHardwareAddress() {
    AddressBook.Wish wish = new AddressBook.Wish("lab", null, false, null, null);
    assertEquals("", address("p", wish));
    assertEquals("AddressNotInSubnet", refusal("q", exactly(null, null, "10.0.0.1")));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void give_randomly_givesNothingTwice(long seed) {
    Random random = new Random(seed);
    Subnet subnet = subnet(Network.Type.OVERLAY, "10.0.0.0/26");
    Map<String, AddressBook.Held> held = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      String port = "p" + random.nextInt(80);
      if (random.nextInt(3) == 0) {
        book.release(port);
        held.remove(port);
        continue;
      }
      switch (book.give(port, any(subnet))) {
        case AddressBook.Given(AddressBook.Held given) -> {
          if (!given.equals(held.put(port, given))) {
            assertEquals(lowestFree(held, port), given.address(), "seed " + seed);
          }
        }
        case AddressBook.Refused _ -> assertEquals(62, held.size(), "seed " + seed);
      }
      Set<String> addresses = new HashSet<>();
      Set<String> macs = new HashSet<>();
      held.values()
          .forEach(each -> {
            assertTrue(addresses.add(each.address()), "seed " + seed + each);
            assertTrue(macs.add(each.mac()), "seed " + seed + each);
          });
    }
    assertNotEquals(0, held.size());
  }

  private static String lowestFree(Map<String, AddressBook.Held> held, String newest) {
    Set<String> others = new HashSet<>();
    held.forEach((port, each) -> others.add(port.equals(newest) ? "" : each.address()));
    for (int i = 1; ; i++) {
      if (!others.contains("10.0.0." + i)) {
        return "10.0.0." + i;
      }
    }
  }
}
