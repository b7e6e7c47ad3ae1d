package aviary.evaluation.compare;

import aviary.safetensors.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** A page in one file, with its pictures in it. */
public final class HtmlPage {
  private static final String STYLE =
      """
      body { font-family: sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; }
      table { border-collapse: collapse; }
      td, th { border: 1px solid #bbb; padding: 0.25em 0.6em; text-align: left;
        vertical-align: top; }
      img { max-width: 100%; }
      pre { white-space: pre-wrap; margin: 0; }
      """;

  private final StringBuilder body = new StringBuilder();
  private final String title;

  /** An empty page. */
  public HtmlPage(String title) {
    this.title = title;
    body.append("<h1>").append(escaped(title)).append("</h1>\n");
  }

  /** Adds a heading. */
  public HtmlPage heading(String text) {
    body.append("<h2>").append(escaped(text)).append("</h2>\n");
    return this;
  }

  /** Adds a paragraph. */
  public HtmlPage paragraph(String text) {
    body.append("<p>").append(escaped(text)).append("</p>\n");
    return this;
  }

  /** Adds text whose columns stand below each other. */
  public HtmlPage preformatted(String text) {
    body.append("<pre>").append(escaped(text)).append("</pre>\n");
    return this;
  }

  /** Adds a picture. */
  public HtmlPage picture(String description, byte[] png) {
    body.append("<p><img alt=\"")
        .append(escaped(description))
        .append("\" src=\"data:image/png;base64,")
        .append(Base64.getEncoder().encodeToString(png))
        .append("\"></p>\n");
    return this;
  }

  /** Adds a table. */
  public HtmlPage table(List<String> headers, List<List<String>> rows) {
    body.append("<table>\n<tr>");
    headers.forEach(header -> body.append("<th>").append(escaped(header)).append("</th>"));
    body.append("</tr>\n");
    for (List<String> row : rows) {
      body.append("<tr>");
      row.forEach(cell -> body.append("<td><pre>").append(escaped(cell)).append("</pre></td>"));
      body.append("</tr>\n");
    }
    body.append("</table>\n");
    return this;
  }

  /** Writes the page. */
  public void write(Path file) throws IOException {
    String html =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        %s</body>
        </html>
        """
            .formatted(escaped(title), STYLE, body);
    WholeFile.write(file, out -> out.write(ByteBuffer.wrap(html.getBytes(StandardCharsets.UTF_8))));
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
