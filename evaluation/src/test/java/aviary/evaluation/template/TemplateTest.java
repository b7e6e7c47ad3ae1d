package aviary.evaluation.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import aviary.evaluation.data.JsonValues;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Templates give what Jinja 3.1 gives with lm-evaluation-harness's settings. */
class TemplateTest {
  private static final Map<String, Object> DOCUMENT =
      document(
          """
          {"text": "  Zoë's  cat 🐈 sat. ", "goal": "a b  c", "n": 3, "x": 2.5, "none": null,
           "flag": true, "list": ["b", "A", "b", "c"], "empty": [],
           "choices": {"text": ["one", "it's"], "label": ["A", "B"]}, "key": "B",
           "answers": [{"aid": 1, "atext": "p"}, {"aid": 2, "atext": "q\\n"}],
           "sentence": "The _ fell 🐈 on _."}
          """);

  @SuppressWarnings("unchecked") // The text is an object.
  private static Map<String, Object> document(String json) {
    return (Map<String, Object>) JsonValues.read(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Templates and what they become; the right sides are Jinja's. */
  static List<List<String>> rendered() {
    return List.of(
        List.of("{{goal.split(' ')[:-1]|join(' ')}}", "a b "),
        List.of("{{' '+goal.split(' ')[-1]}}", " c"),
        List.of("Question: {{goal}}\nAnswer:\n", "Question: a b  c\nAnswer:\n"),
        List.of("{{choices.label.index(key)}}", "1"),
        List.of("{{choices.text}}", "['one', \"it's\"]"),
        List.of("{{[goal, n, x, none, flag]}}", "['a b  c', 3, 2.5, None, True]"),
        List.of("{{answers|map(attribute='atext')|list}}", "['p', 'q\\n']"),
        List.of("{{text.lstrip()}}|{{text.strip()[:-1]}}", "Zoë's  cat 🐈 sat. |Zoë's  cat 🐈 sat"),
        List.of("{{sentence[:sentence.index('_')] + 'cup'}}", "The cup"),
        List.of("{{sentence[sentence.index('_')+1:].strip()}}", "fell 🐈 on _."),
        List.of("{{sentence[11]}}{{sentence[-1]}}{{sentence|length}}", "🐈.18"),
        List.of("{{ {'A': 'no', 'B': 'yes'}[key] }}", "yes"),
        List.of("{{ {'B': 1}[key]}}", "1"),
        List.of(
            "{{n - 1}} {{n / 2}} {{n // 2}} {{n % 2}} {{ -n }}{{- n }} {{2 ** n}} {{n * 1.5}}"
                + "{{2 ** -1}}",
            "2 1.5 1 1 -33 8 4.50.5"),
        List.of("{{n ~ 1 + 2 ~ 'a' if n == 4 else n ~ 1}}", "31"),
        List.of("{{'yes' if n > 2 and not none else 'no'}}", "yes"),
        List.of(
            "{{1 < n <= 3}} {{'A' in list}} {{'z' not in list}} {{n in [1, 3]}}",
            "True True True True"),
        List.of("{% if n == 1 %}one{% elif n == 3 %}three{% else %}many{% endif %}", "three"),
        List.of(
            "{% for c in choices.text %}{{loop.index}}. {{c}}\n{% endfor %}", "1. one\n2. it's\n"),
        List.of("{%- for a, b in [[1, 2], [3, 4]] -%} {{a}}{{b}} {%- endfor -%} .", "1234."),
        List.of("{% set m = n + 1 %}{{m}}{# nothing #}", "4"),
        List.of(
            "{{list|unique|list}} {{list|sort}} {{list|sort(case_sensitive=true)}}",
            "['b', 'A', 'c'] ['A', 'b', 'b', 'c'] ['A', 'b', 'b', 'c']"),
        List.of(
            "{{list|unique(case_sensitive=true)|sort(case_sensitive=true)}}", "['A', 'b', 'c']"),
        List.of(
            "{{list|map('upper')|join('-')}} {{list|first}} {{list|last}} {{list|length}}",
            "B-A-B-C b c 4"),
        List.of("{{list|map('replace', 'b', 'bb')|list}}", "['bb', 'A', 'bb', 'c']"),
        List.of("{{text|trim|replace('  ', ' ')|upper}}", "ZOË'S CAT 🐈 SAT."),
        List.of(
            "{{'straße Ünter ÉTÉ'.capitalize()}} {{'ßa'.capitalize()}} {{''.capitalize()}}",
            "Straße ünter été Ssa "),
        List.of(
            "{{'a b\\u00a0c\\n'.split()}} {{'a,b,c'.split(',', 1)}} {{'a,b,c'.rsplit(',', 1)}}",
            "['a', 'b', 'c'] ['a', 'b,c'] ['a,b', 'c']"),
        List.of("{{'x [a] y [b]'|regex_replace('\\\\[.*?\\\\]', '')}}", "x  y "),
        List.of("{{'a , b'|regex_replace(' ([.,])', '\\\\1')}}", "a, b"),
        List.of("{{missing|default('d')}} {{missing is defined}} {{n is defined}}", "d False True"),
        List.of("{{'12'|int + 1}} {{'no'|int}} {{'1.5'|float}}", "13 0 1.5"),
        List.of("{{'a' 'b'}} {{(1, 2)[1]}} {{none}}", "ab 2 None"),
        List.of("{{ {'a': [1, none]} }} {{ {'a': 1}.values()|list }}", "{'a': [1, None]} [1]"),
        List.of("{{\"a}}b\"}}{{'{%'}}", "a}}b{%"),
        List.of(
            "{{list[1:3]}} {{list[::-1]}} {{list[-2:]}} {{list[:0]}}",
            "['A', 'b'] ['c', 'b', 'A', 'b'] ['b', 'c'] []"));
  }

  @ParameterizedTest
  @MethodSource("rendered")
  void becomesWhatJinjaMakesOfIt(List<String> row) {
    assertEquals(row.get(1), Template.parse(row.get(0)).render(DOCUMENT), row.get(0));
  }

  @Test
  void anExpressionAloneHasAValueAndOtherTextsMeanOne() {
    assertEquals(List.of("one", "it's"), Template.parse("{{choices.text}}").value(DOCUMENT));
    assertEquals(List.of("a b  c", "B"), Template.parse("['{{goal}}', '{{key}}']").value(DOCUMENT));
    assertEquals(Arrays.asList(1L, null, 2.5), Template.literal("[1, None, 2.5]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      value = {
        "{{gaol}} § there is no column \"gaol\"; there is text, goal, n, x, none, flag, list,",
        "{{choices.txt}} § there is no 'txt' in [text, label]",
        "{{text.foo()}} § a text has no method foo that is known here",
        "{{text|foo}} § there is no filter foo",
        "{{n + goal}} § '+' of a whole number and a text has no meaning",
        "{{list[9]}} § there is no item 9 in 4",
        "{{goal.index('z')}} § there is no 'z' in 'a b  c'",
        "{{list.index('z')}} § 'z' is not in ['b', 'A', 'b', 'c']",
        "{{goal § \"{{\" has no end \"}}\"",
        "{% if n %} § a statement has no {%",
        "{% while n %}{% endwhile %} § the statement {% while %} is not known",
        "{{n n}} § 'n' does not belong there",
        "{{ }} § the expression is not complete",
        "{{n / 0}} § division by zero",
        "{{'ab' * 500001}} § a text is repeated too often: 500001 times",
        "{{2 ** 63}} § 2 ** 63 is too large",
        "{{9223372036854775807 + 1}} § 9223372036854775807 + 1 is too large",
        "{{goal|regex_replace('(', '')}} § the regular expression ( is none",
      })
  void saysWhatIsWrong(String template, String message) {
    TemplateException e =
        assertThrows(TemplateException.class, () -> Template.parse(template).render(DOCUMENT));
    assertEquals(
        message, e.getMessage().substring(0, Math.min(message.length(), e.getMessage().length())));
  }

  @Test
  void whatStandsTooDeepIsRefused() {
    for (String deep :
        List.of(
            "{{" + "(".repeat(100_000) + "n" + ")".repeat(100_000) + "}}",
            "{{n" + " + n".repeat(100_000) + "}}")) {
      assertRefused("an expression has too much in it", deep);
    }
    assertRefused(
        "more than 100 statements in each other",
        "{% if n %}".repeat(100_000) + "{% endif %}".repeat(100_000));
  }

  private static void assertRefused(String message, String template) {
    TemplateException e =
        assertThrows(TemplateException.class, () -> Template.parse(template).render(DOCUMENT));
    assertEquals(message, e.getMessage());
  }
}
