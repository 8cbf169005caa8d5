package dev.otherix.apimachinery.codec;

import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.StreamDataWriter;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.emitter.Emitter;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.ImplicitTuple;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Prints a tree as YAML that people edit: block style, long text unfolded, several lines as a
/// literal block.
final class YamlWriter {
  private static final DumpSettings SETTINGS =
      DumpSettings.builder()
          .setIndent(2)
          .setSplitLines(false)
          .setUseUnicodeEncoding(true)
          .setWidth(Integer.MAX_VALUE)
          .setMaxSimpleKeyLength(1024)
          .build();
  private static final ImplicitTuple IMPLICIT = new ImplicitTuple(true, true);

  private final Emitter emitter;

  private YamlWriter(Emitter emitter) {
    this.emitter = emitter;
  }

  static String write(JsonNode tree) {
    StringBuilder out = new StringBuilder();
    Emitter emitter = new Emitter(SETTINGS, new Target(out));
    emitter.emit(new StreamStartEvent());
    emitter.emit(new DocumentStartEvent(false, Optional.empty(), Map.of()));
    new YamlWriter(emitter).value(tree);
    emitter.emit(new DocumentEndEvent(false));
    emitter.emit(new StreamEndEvent());
    return out.toString();
  }

  private void value(JsonNode tree) {
    switch (tree) {
      case ObjectNode object -> {
        FlowStyle style = object.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK;
        emitter.emit(new MappingStartEvent(Optional.empty(), Optional.empty(), true, style));
        for (Map.Entry<String, JsonNode> member : object.properties()) {
          text(member.getKey(), false);
          value(member.getValue());
        }
        emitter.emit(new MappingEndEvent());
      }
      case ArrayNode array -> {
        FlowStyle style = array.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK;
        emitter.emit(new SequenceStartEvent(Optional.empty(), Optional.empty(), true, style));
        for (JsonNode item : array) {
          value(item);
        }
        emitter.emit(new SequenceEndEvent());
      }
      case StringNode string -> text(string.stringValue(), true);
      default -> scalar(tree.toString(), ScalarStyle.PLAIN);
    }
  }

  private void text(String text, boolean mayBeBlock) {
    ScalarStyle style = ScalarStyle.DOUBLE_QUOTED;
    if (mayBeBlock && fitsBlock(text)) {
      style = ScalarStyle.LITERAL;
    } else if (!YamlScalar.needsQuotes(text) && text.chars().allMatch(YamlWriter::isPlain)) {
      style = ScalarStyle.PLAIN;
    }
    scalar(text, style);
  }

  /// Whether a literal block can hold the text: it has several lines, knows no escapes, and blanks
  /// at the very front or at the end of a line would not survive.
  private static boolean fitsBlock(String text) {
    if (text.indexOf('\n') < 0 || text.isBlank() || Character.isWhitespace(text.charAt(0))) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean blank = c == ' ' || c == '\t';
      boolean endsLine = i + 1 == text.length() || text.charAt(i + 1) == '\n';
      if ((blank && endsLine) || !(isPlain(c) || c == '\n' || c == '\t')) {
        return false;
      }
    }
    return true;
  }

  /// Characters that no parser takes for anything else: no controls, no line breaks of Unicode, no
  /// byte order mark.
  private static boolean isPlain(int c) {
    return (c >= ' ' && c < 0x7f) || (c >= 0xa0 && c < 0x2028) || (c > 0x2029 && c < 0xfeff);
  }

  private void scalar(String text, ScalarStyle style) {
    emitter.emit(new ScalarEvent(Optional.empty(), Optional.empty(), IMPLICIT, text, style));
  }

  private record Target(StringBuilder out) implements StreamDataWriter {
    @Override
    public void write(String text) {
      out.append(text);
    }

    @Override
    public void write(String text, int offset, int length) {
      out.append(text, offset, offset + length);
    }
  }
}
