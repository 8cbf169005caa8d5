package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.VM;

/// Values of the API as they stand on the wire.
final class Words {
  private Words() {}

  static String of(VM.Arch arch) {
    return switch (arch) {
      case AMD64 -> "amd64";
      case ARM64 -> "arm64";
    };
  }

  static String of(Node.Arch arch) {
    return switch (arch) {
      case AMD64 -> "amd64";
      case ARM64 -> "arm64";
    };
  }

  static String of(VM.TaintEffect effect) {
    return switch (effect) {
      case NO_SCHEDULE -> "NoSchedule";
      case PREFER_NO_SCHEDULE -> "PreferNoSchedule";
    };
  }
}
