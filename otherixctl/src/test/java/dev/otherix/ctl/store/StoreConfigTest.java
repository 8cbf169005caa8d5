package dev.otherix.ctl.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.ctl.failure.CommandFailure;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StoreConfigTest {
  private static StoreConfig read(Map<String, String> told) {
    Map<String, String> values = new HashMap<>(StoreConfig.DEFAULTS);
    values.putAll(told);
    return StoreConfig.read(each -> values.getOrDefault(each, ""));
  }

  @Test
  void engines_areWhatIsTold(@TempDir Path folder) throws Exception {
    assertEquals(new StoreConfig.Embedded(), read(Map.of()));
    assertEquals(
        new StoreConfig.Managed(
            "/opt/etcd", "/o", "n1", URI.create("https://10.0.0.1:2380"), 32_000_000),
        read(
            Map.of(
                "store.engine", "etcd",
                "etcd.managed", "true",
                "etcd.name", "n1",
                "etcd.quota_bytes", "32000000",
                "etcd.peer", "https://10.0.0.1:2380",
                "etcd.binary", "/opt/etcd",
                "etcd.prefix", "/o")));
    String pem = Files.writeString(folder.resolve("pem"), "x").toString();
    StoreConfig.External external =
        assertInstanceOf(
            StoreConfig.External.class,
            read(
                Map.of(
                    "store.engine", "etcd",
                    "etcd.endpoints", "https://a:2379, https://b:2379",
                    "etcd.ca", pem,
                    "etcd.cert", pem,
                    "etcd.key", pem)));
    assertEquals(
        List.of(URI.create("https://a:2379"), URI.create("https://b:2379")),
        external.options().endpoints());
    assertEquals("/otherix", external.options().prefix());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "store.engine=zoo | store.engine \"zoo\" is not one of embedded, etcd",
        "etcd.endpoints=http://a:1 | etcd.endpoints needs store.engine etcd",
        "etcd.managed=true | etcd.managed needs store.engine etcd",
        "store.engine=etcd | etcd.endpoints is missing",
        "store.engine=etcd etcd.managed=maybe | is not true or false",
        "store.engine=etcd etcd.managed=true etcd.endpoints=http://a:1 | others run",
        "etcd.peer=https://a:1 | etcd.peer is for etcd.managed",
        "store.engine=etcd etcd.endpoints=http://a:1 etcd.name=x | etcd.name is for etcd.managed",
        "store.engine=etcd etcd.managed=true etcd.peer=http://a:1 | is no address like",
        "store.engine=etcd etcd.managed=true etcd.quota_bytes=1 | from 16777216",
        "store.engine=etcd etcd.managed=true etcd.name=A_b | lower case letters",
        "store.engine=etcd etcd.endpoints=ftp://a | http://host:port or https://host:port",
        "store.engine=etcd etcd.endpoints=https://a:1 | needs the certificate authorities",
        "store.engine=etcd etcd.endpoints=http://a:1 etcd.ca=/none | /none cannot be read",
        "store.engine=etcd etcd.endpoints=http://a:1 etcd.cert=/dev/null | go together",
        "store.engine=etcd etcd.endpoints=http://a:1 etcd.prefix=x | cannot be used",
      })
  void whatCannotBe_isRefused_byName(String told, String message) {
    Map<String, String> values = new HashMap<>();
    for (String each : told.split(" ")) {
      int at = each.indexOf('=');
      values.put(each.substring(0, at), each.substring(at + 1));
    }
    String text =
        String.valueOf(assertThrows(CommandFailure.class, () -> read(values)).getMessage());
    assertTrue(text.contains(message), text);
  }
}
