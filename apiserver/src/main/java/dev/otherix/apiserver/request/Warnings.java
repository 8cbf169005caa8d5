package dev.otherix.apiserver.request;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one request gathers on its way: the texts that become `Warning` headers of its answer, what
/// the audit log shall hold about it, and for how long others kept it waiting. What exceeds the
/// limits is cut or left out: a warning is a courtesy, and headers have limits too. Belongs to the
/// request's thread.
public final class Warnings {
  /// Of one text, in characters.
  public static final int LENGTH_MAX = 256;

  /// Of all texts together, in characters.
  public static final int TOTAL_MAX = 4096;

  /// Of audit annotations: how many, and characters of one value.
  public static final int ANNOTATIONS_MAX = 64;

  public static final int ANNOTATION_LENGTH_MAX = 1024;

  private final Set<String> texts = new LinkedHashSet<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();
  private int total;
  private long waitedNanos;

  /// Adds a text unless it is there already or there is no room left. Control characters, which no
  /// header may have, become spaces.
  public void add(String text) {
    String clean = cleaned(text);
    if (clean.isEmpty() || texts.contains(clean) || total + clean.length() > TOTAL_MAX) {
      return;
    }
    texts.add(clean);
    total += clean.length();
  }

  /// In the order in which they were added.
  public List<String> texts() {
    return Collections.unmodifiableList(new ArrayList<>(texts));
  }

  /// Notes something for the audit log; the first value of a key stays.
  public void annotate(String key, String value) {
    if (annotations.size() < ANNOTATIONS_MAX) {
      int length = Math.min(value.length(), ANNOTATION_LENGTH_MAX);
      annotations.putIfAbsent(key, value.substring(0, length));
    }
  }

  public Map<String, String> annotations() {
    return Collections.unmodifiableMap(annotations);
  }

  /// Notes that somebody outside of this server was asked and took so long.
  public void waited(long nanos) {
    waitedNanos += nanos;
  }

  public long waitedNanos() {
    return waitedNanos;
  }

  private static String cleaned(String text) {
    String trimmed = text.strip();
    int length = Math.min(trimmed.length(), LENGTH_MAX);
    if (length < trimmed.length() && Character.isHighSurrogate(trimmed.charAt(length - 1))) {
      length--;
    }
    StringBuilder out = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char each = trimmed.charAt(i);
      out.append(Character.isISOControl(each) ? ' ' : each);
    }
    return out.toString();
  }
}
