package dev.otherix.apimachinery.selector;

/// Cuts a label selector into tokens. Words run up to white space or a special character.
final class LabelLexer {
  enum Token {
    WORD,
    IN,
    NOT_IN,
    COMMA,
    OPEN,
    CLOSE,
    NOT,
    EQUALS,
    DOUBLE_EQUALS,
    NOT_EQUALS,
    GREATER,
    LESS,
    END
  }

  private final String text;
  private int at;
  private Token token = Token.END;
  private String literal = "";

  LabelLexer(String text) {
    this.text = text;
    advance();
  }

  Token token() {
    return token;
  }

  /// The token as it was written, empty at the end.
  String literal() {
    return literal;
  }

  boolean is(Token expected) {
    return token == expected;
  }

  /// Whether the token can be a key or a value; the two set operators can be both.
  boolean isWord() {
    return token == Token.WORD || token == Token.IN || token == Token.NOT_IN;
  }

  void advance() {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    int start = at;
    if (at == text.length()) {
      token = Token.END;
    } else if (isSpecial(text.charAt(at))) {
      token = special();
    } else {
      while (at < text.length() && !isSpace(text.charAt(at)) && !isSpecial(text.charAt(at))) {
        at++;
      }
      token = word(text.substring(start, at));
    }
    literal = text.substring(start, at);
  }

  private Token special() {
    char c = text.charAt(at++);
    boolean equalsFollows = at < text.length() && text.charAt(at) == '=';
    if (equalsFollows && (c == '=' || c == '!')) {
      at++;
      return c == '=' ? Token.DOUBLE_EQUALS : Token.NOT_EQUALS;
    }
    return switch (c) {
      case ',' -> Token.COMMA;
      case '(' -> Token.OPEN;
      case ')' -> Token.CLOSE;
      case '!' -> Token.NOT;
      case '=' -> Token.EQUALS;
      case '>' -> Token.GREATER;
      case '<' -> Token.LESS;
      default -> throw new IllegalStateException("not a special character: " + c);
    };
  }

  private static Token word(String word) {
    return switch (word) {
      case "in" -> Token.IN;
      case "notin" -> Token.NOT_IN;
      default -> Token.WORD;
    };
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean isSpecial(char c) {
    return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<';
  }
}
