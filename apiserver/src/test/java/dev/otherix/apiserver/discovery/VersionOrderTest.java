package dev.otherix.apiserver.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VersionOrderTest {
  @Test
  void compare_versions_bestFirst() {
    List<String> expected =
        List.of(
            "v10",
            "v2",
            "v1",
            "v11beta2",
            "v10beta3",
            "v3beta1",
            "v1beta10",
            "v1beta2",
            "v12alpha1",
            "v11alpha2",
            "Foo",
            "foo1",
            "foo10",
            "v01",
            "v0",
            "v1beta",
            "v1gamma1",
            "v9999999999");
    List<String> shuffled = new ArrayList<>(expected);
    Collections.shuffle(shuffled, new Random(7));
    shuffled.sort(VersionOrder.INSTANCE);
    List<String> sorted = new ArrayList<>(expected.subList(0, 10));
    List<String> others = new ArrayList<>(expected.subList(10, expected.size()));
    Collections.sort(others);
    sorted.addAll(others);
    assertEquals(sorted, shuffled);
  }
}
