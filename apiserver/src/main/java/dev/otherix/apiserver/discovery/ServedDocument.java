package dev.otherix.apiserver.discovery;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Request;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A document that is made when it is asked for first, and then kept as bytes with their hash.
/// Thread-safe: it is made once, under its own lock.
public final class ServedDocument {
  private static final Body NOTHING = Body.of(new byte[0]);

  /// What is kept.
  private record Made(Body body, String etag) {}

  private final String contentType;
  private final Supplier<byte[]> maker;
  private volatile @Nullable Made made;

  /// @param contentType also of what a client sees
  /// @param maker of the bytes; called once, on a thread that may compute for long
  public ServedDocument(String contentType, Supplier<byte[]> maker) {
    this.contentType = contentType;
    this.maker = maker;
  }

  /// The document, or 304 when the client has it. Clients may keep it, and ask each time whether it
  /// is still true.
  public Answer answer(Request request) {
    return answer(request, Headers.of("Cache-Control", "public"));
  }

  /// [#answer] with other headers beside those of the content.
  public Answer answer(Request request, Headers headers) {
    Made known = made;
    if (known == null) {
      request.requireThread();
      known = make();
    }
    Headers all = headers.with("Vary", "Accept").with("ETag", known.etag);
    if (matches(request.headers(), known.etag)) {
      return new Answer.Whole(304, all, NOTHING);
    }
    return new Answer.Whole(200, all.with("Content-Type", contentType), known.body);
  }

  private synchronized Made make() {
    Made known = made;
    if (known == null) {
      byte[] bytes = maker.get();
      known = new Made(Body.of(bytes), '"' + hash(bytes) + '"');
      made = known;
    }
    return known;
  }

  /// Whether `If-None-Match` names a tag, or any.
  static boolean matches(Headers headers, String etag) {
    for (String line : headers.all("if-none-match")) {
      for (String each : line.split(",", -1)) {
        String tag = each.strip();
        if (tag.equals("*") || (tag.startsWith("W/") ? tag.substring(2) : tag).equals(etag)) {
          return true;
        }
      }
    }
    return false;
  }

  /// SHA-256, in upper-case hexadecimal digits.
  public static String hash(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().withUpperCase().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
