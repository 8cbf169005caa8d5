package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The patch formats, told apart by the Content-Type of the request.
public enum PatchType {
  JSON("application/json-patch+json"),
  MERGE("application/merge-patch+json"),
  STRATEGIC_MERGE("application/strategic-merge-patch+json"),
  APPLY("application/apply-patch+yaml");

  private final String contentType;

  PatchType(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /// The type that a Content-Type header names; parameters such as `charset` do not matter.
  ///
  /// @param accepted what the resource can be patched with, in the order in which to list it
  /// @throws ApiException 415 that lists what is accepted
  public static PatchType fromContentType(@Nullable String header, Collection<PatchType> accepted) {
    String text = header == null ? "" : header;
    int parameters = text.indexOf(';');
    String mediaType =
        (parameters < 0 ? text : text.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
    List<String> names = new ArrayList<>();
    for (PatchType type : accepted) {
      if (type.contentType.equals(mediaType)) {
        return type;
      }
      names.add(type.contentType);
    }
    throw ApiException.of(
        StatusReason.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include: "
            + String.join(", ", names));
  }
}
