package aviary.evaluation.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses templates. */
final class TemplateParser {
  private static final int DEEPEST = 100;

  private final String source;
  private int at;

  /** Whether white space at the beginning of the next text goes, as a tag that ends in - says. */
  private boolean trimNext;

  /** The statement that ended the last body. */
  private String ending;

  /** How many statements stand around. */
  private int depth;

  TemplateParser(String source) {
    this.source = source;
  }

  List<Node> parse() {
    return body(Set.of());
  }

  /** Nodes up to a statement that begins with one of {@code ends}, which is then in ending. */
  private List<Node> body(Set<String> ends) {
    List<Node> nodes = new ArrayList<>();
    while (at < source.length()) {
      int tag = nextTag();
      text(nodes, tag);
      if (tag == source.length()) {
        at = tag;
        break;
      }
      char kind = source.charAt(tag + 1);
      String inner = inner(tag, kind == '{' ? "}}" : kind == '%' ? "%}" : "#}");
      if (kind == '{') {
        nodes.add(new Node.Output(ExpressionParser.parse(inner)));
      } else if (kind == '%') {
        String keyword = inner.strip().split("\\s+", 2)[0];
        if (ends.contains(keyword)) {
          ending = inner.strip();
          return nodes;
        }
        nodes.add(statement(keyword, inner.strip().substring(keyword.length())));
      }
    }
    if (!ends.isEmpty()) {
      throw new TemplateException(
          "a statement has no {%% %s %%}".formatted(String.join(" or ", ends)));
    }
    return nodes;
  }

  private int nextTag() {
    for (int i = at; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  private void text(List<Node> nodes, int end) {
    String text = source.substring(at, end);
    boolean trimEnd = end + 2 < source.length() && source.charAt(end + 2) == '-';
    String kept = PythonText.strip(text, PythonText::isSpace, trimNext, trimEnd);
    trimNext = false;
    if (!kept.isEmpty()) {
      nodes.add(new Node.Text(kept));
    }
  }

  /** What is between the marks of the tag at {@code tag}; the next text begins behind it. */
  private String inner(int tag, String end) {
    int from = tag + 2;
    if (from < source.length() && "-+".indexOf(source.charAt(from)) >= 0) {
      from++;
    }
    int to = end.equals("#}") ? source.indexOf(end, from) : endOutsideStrings(from, end);
    if (to < 0) {
      throw new TemplateException(
          "\"%s\" has no end \"%s\"".formatted(source.substring(tag, tag + 2), end));
    }
    at = to + 2;
    trimNext = to > from && source.charAt(to - 1) == '-';
    return source.substring(from, trimNext ? to - 1 : to);
  }

  private int endOutsideStrings(int from, String end) {
    char quote = 0;
    int braces = 0;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (braces == 0 && source.startsWith(end, i)) {
        return i;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '{') {
        braces++;
      } else if (c == '}') {
        braces--;
      }
    }
    return -1;
  }

  private Node statement(String keyword, String rest) {
    if (depth == DEEPEST) {
      throw new TemplateException("more than %d statements in each other".formatted(DEEPEST));
    }
    depth++;
    Node node =
        switch (keyword) {
          case "if" -> branches(rest);
          case "for" -> loop(rest);
          case "set" -> assignment(rest);
          default ->
              throw new TemplateException(
                  "the statement {%% %s %%} is not known; there is if, for and set"
                      .formatted(keyword));
        };
    depth--;
    return node;
  }

  private Node branches(String condition) {
    List<Node.If.Branch> branches = new ArrayList<>();
    Expression holds = ExpressionParser.parse(condition);
    while (true) {
      List<Node> body = body(Set.of("elif", "else", "endif"));
      branches.add(new Node.If.Branch(holds, body));
      if (ending.startsWith("endif")) {
        return new Node.If(branches);
      }
      holds =
          ending.startsWith("elif")
              ? ExpressionParser.parse(ending.substring("elif".length()))
              : new Expression.Literal(true);
    }
  }

  private Node loop(String rest) {
    TokenReader tokens = new TokenReader(rest);
    List<String> names = new ArrayList<>();
    do {
      names.add(tokens.name("a variable's name"));
    } while (tokens.take(","));
    if (!tokens.takeName("in")) {
      throw new TemplateException("a for without in");
    }
    Expression items = new ExpressionParser(tokens).tuple();
    tokens.end();
    return new Node.For(names, items, body(Set.of("endfor")));
  }

  private static Node assignment(String rest) {
    TokenReader tokens = new TokenReader(rest);
    String name = tokens.name("a variable's name");
    tokens.require("=");
    Expression value = new ExpressionParser(tokens).tuple();
    tokens.end();
    return new Node.Assignment(name, value);
  }
}
