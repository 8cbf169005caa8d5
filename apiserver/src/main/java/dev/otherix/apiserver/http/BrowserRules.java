package dev.otherix.apiserver.http;

import io.netty.util.AsciiString;

/// What every answer tells a browser that shows it: it is of the type that it says, it may load
/// nothing, and no page may frame it. An answer may have a policy of its own. There is no
/// Strict-Transport-Security: it would bind all other ports of the host, too.
final class BrowserRules {
  static final AsciiString TYPE_OPTIONS = AsciiString.cached("x-content-type-options");
  static final AsciiString NO_GUESSING = AsciiString.cached("nosniff");
  static final AsciiString POLICY = AsciiString.cached("content-security-policy");
  static final AsciiString NOTHING =
      AsciiString.cached("default-src 'none'; frame-ancestors 'none'");

  private BrowserRules() {}
}
