package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.status.ApiException;

/// Refuses a write, or lets it pass. Changes nothing.
@FunctionalInterface
public interface Validation {
  /// @throws ApiException to refuse the write
  void validate(Attributes attributes, Warnings warnings);
}
