package dev.otherix.ctl;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.http.TlsMaterial;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.pki.IssuedCertificates.Purpose;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.ServerTlsRenewal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a server process proves itself with, and its administrator: both are made anew in time, and
/// when another authority takes over. Thread-safe.
final class ServerCertificates implements AutoCloseable {
  private static final String ASKER = "the server";

  private final DataDirectory data;
  private final List<String> names;
  private final IssuedCertificates issued;
  private final InstantSource clock;
  private final ServerTlsRenewal renewal;
  private volatile @Nullable URI announced;

  /// @param names that the server is called by
  ServerCertificates(
      DataDirectory data,
      List<String> names,
      CaRotation rotation,
      IssuedCertificates issued,
      InstantSource clock) {
    this.data = data;
    this.names = List.copyOf(names);
    this.issued = issued;
    this.clock = clock;
    this.renewal = ServerTlsRenewal.start(this::next, rotation::refresh, clock, Pause.real());
    rotation.onChange(renewal::renew);
  }

  private TlsMaterial next() {
    TlsMaterial material = data.serverTls(names);
    issued.record(material.chain().getFirst(), Purpose.SERVER, "", ASKER);
    URI address = announced;
    if (address != null) {
      writeKubeconfig(address);
    }
    return material;
  }

  ReloadableTls tls() {
    return renewal.tls();
  }

  /// Writes the administrator's kubeconfig, and keeps it current from now on.
  Path announce(URI address) {
    announced = address;
    return writeKubeconfig(address);
  }

  private synchronized Path writeKubeconfig(URI address) {
    try {
      return data.writeKubeconfig(
          address, clock, admin -> issued.record(admin, Purpose.CLIENT, "", ASKER));
    } catch (IOException e) {
      throw new UncheckedIOException("admin.kubeconfig cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    renewal.close();
  }
}
