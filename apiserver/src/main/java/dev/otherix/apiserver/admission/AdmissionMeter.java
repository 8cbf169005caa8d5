package dev.otherix.apiserver.admission;

/// Told how long each part of admission took. Thread-safe; called for every write.
@FunctionalInterface
public interface AdmissionMeter {
  AdmissionMeter NONE = (_, _, _, _, _, _) -> {};

  /// What was measured.
  enum Part {
    /// All mutations, or all validations, of one write; without a name.
    STEP,
    /// One of them.
    CONTROLLER,
    /// One question to one webhook.
    WEBHOOK
  }

  /// Tells another one too.
  default AdmissionMeter andThen(AdmissionMeter other) {
    return (part, name, type, operation, rejected, nanos) -> {
      took(part, name, type, operation, rejected, nanos);
      other.took(part, name, type, operation, rejected, nanos);
    };
  }

  /// @param type `admit` for what may change the object, `validating` for what may not
  /// @param rejected whether it refused the write, or failed
  void took(Part part, String name, String type, Operation operation, boolean rejected, long nanos);
}
