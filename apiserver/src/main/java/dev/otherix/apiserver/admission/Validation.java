package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.request.Warnings;

/// Refuses a write, or lets it pass. Changes nothing.
@FunctionalInterface
public interface Validation {
  /// @throws ApiException to refuse the write
  void validate(Attributes attributes, Warnings warnings);
}
