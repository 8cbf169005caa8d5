package dev.otherix.apimachinery.selector;

import dev.otherix.apimachinery.object.Names;
import dev.otherix.apimachinery.selector.LabelLexer.Token;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.StringNode;

/// One reading of a label selector's text, with the words in which Kubernetes' parser complains.
final class LabelParser {
  static final int LENGTH_MAX = 256 * 1024;

  private static final String AFTER_COMMA = "identifier after ','";
  private static final String REQUIREMENT = "unable to parse requirement: ";

  private final LabelLexer lexer;

  LabelParser(String text) {
    if (text.length() > LENGTH_MAX) {
      throw ApiException.badRequest(
          "a label selector of " + text.length() + " characters; the limit is " + LENGTH_MAX);
    }
    lexer = new LabelLexer(text);
  }

  List<Requirement> requirements() {
    List<Requirement> out = new ArrayList<>();
    while (!lexer.is(Token.END)) {
      if (!lexer.isWord() && !lexer.is(Token.NOT)) {
        throw expected("", out.isEmpty() ? "!, identifier, or 'end of string'" : AFTER_COMMA);
      }
      out.add(requirement());
      if (lexer.is(Token.END)) {
        break;
      }
      if (!lexer.is(Token.COMMA)) {
        throw expected("", "',' or 'end of string'");
      }
      lexer.advance();
      if (lexer.is(Token.END)) {
        throw expected("", AFTER_COMMA);
      }
    }
    return out;
  }

  private Requirement requirement() {
    boolean negated = lexer.is(Token.NOT);
    if (negated) {
      lexer.advance();
    }
    if (!lexer.isWord()) {
      throw expected(REQUIREMENT, "identifier");
    }
    String key = lexer.literal();
    List<String> wrongKey = Names.qualifiedName(key);
    if (!wrongKey.isEmpty()) {
      // The parser of Kubernetes has no path for a key and prints that.
      throw ApiException.badRequest(
          REQUIREMENT
              + "<nil>: Invalid value: "
              + StringNode.valueOf(key)
              + ": "
              + String.join("; ", wrongKey));
    }
    lexer.advance();
    if (negated) {
      return make(key, Operator.DOES_NOT_EXIST, Set.of());
    }
    if (lexer.is(Token.END) || lexer.is(Token.COMMA)) {
      return make(key, Operator.EXISTS, Set.of());
    }
    Operator operator = operator();
    lexer.advance();
    boolean set = operator == Operator.IN || operator == Operator.NOT_IN;
    return make(key, operator, set ? values() : Set.of(exactValue()));
  }

  private Operator operator() {
    return switch (lexer.token()) {
      case IN -> Operator.IN;
      case NOT_IN -> Operator.NOT_IN;
      case EQUALS, DOUBLE_EQUALS -> Operator.EQUALS;
      case NOT_EQUALS -> Operator.NOT_EQUALS;
      case GREATER -> Operator.GREATER_THAN;
      case LESS -> Operator.LESS_THAN;
      case WORD, COMMA, OPEN, CLOSE, NOT, END ->
          throw expected(REQUIREMENT, "in, notin, =, ==, !=, gt, lt");
    };
  }

  private String exactValue() {
    if (lexer.is(Token.END) || lexer.is(Token.COMMA)) {
      return "";
    }
    if (!lexer.isWord()) {
      throw expected(REQUIREMENT, "identifier");
    }
    String value = lexer.literal();
    lexer.advance();
    return value;
  }

  /// A list in parentheses; nothing between two commas, or beside one, is the empty value.
  private Set<String> values() {
    if (!lexer.is(Token.OPEN)) {
      throw ApiException.badRequest(REQUIREMENT + "found '" + lexer.literal() + "' expected: '('");
    }
    lexer.advance();
    Set<String> out = new TreeSet<>();
    if (!lexer.isWord() && !lexer.is(Token.COMMA) && !lexer.is(Token.CLOSE)) {
      throw expected(REQUIREMENT, "',', ')' or identifier");
    }
    boolean valueDue = lexer.is(Token.COMMA);
    while (!lexer.is(Token.CLOSE)) {
      if (lexer.isWord()) {
        out.add(lexer.literal());
        valueDue = false;
        lexer.advance();
        if (!lexer.is(Token.COMMA) && !lexer.is(Token.CLOSE)) {
          throw expected(REQUIREMENT, "',' or ')'");
        }
      } else if (lexer.is(Token.COMMA)) {
        if (valueDue) {
          out.add("");
        }
        valueDue = true;
        lexer.advance();
      } else {
        throw expected(REQUIREMENT, "',', or identifier");
      }
    }
    if (valueDue) {
      out.add("");
    }
    lexer.advance();
    return out;
  }

  private static Requirement make(String key, Operator operator, Set<String> values) {
    List<FieldError> errors = new ArrayList<>();
    Requirement requirement = Requirement.of(key, operator, values, errors);
    if (requirement == null) {
      List<String> lines = new ArrayList<>();
      errors.forEach(each -> lines.add(each.toString()));
      String all = String.join(", ", lines);
      throw ApiException.badRequest(REQUIREMENT + (lines.size() == 1 ? all : "[" + all + "]"));
    }
    return requirement;
  }

  private ApiException expected(String prefix, String what) {
    return ApiException.badRequest(prefix + "found '" + lexer.literal() + "', expected: " + what);
  }
}
