package dev.otherix.apimachinery.client;

import java.time.Duration;

/// Decides before each write whether it may still begin: for those who may write only while they
/// lead.
@FunctionalInterface
public interface WriteFence {
  WriteFence NONE = () -> Duration.ofDays(1);

  /// @return how long a write that begins now may take at most
  /// @throws ConnectionException when none may begin
  Duration writeMax();
}
