package aviary.evaluation.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of a template. */
sealed interface Node {

  /** Writes what it becomes. */
  void render(Scope scope, StringBuilder out);

  /** Text as it is. */
  record Text(String text) implements Node {
    @Override
    public void render(Scope scope, StringBuilder out) {
      out.append(text);
    }
  }

  /** {@code {{ expression }}}. */
  record Output(Expression expression) implements Node {
    @Override
    public void render(Scope scope, StringBuilder out) {
      out.append(PythonRepr.str(new Evaluator(scope).value(expression)));
    }
  }

  /** {@code {% set name = value %}}. */
  record Assignment(String name, Expression value) implements Node {
    @Override
    public void render(Scope scope, StringBuilder out) {
      scope.set(name, new Evaluator(scope).value(value));
    }
  }

  /** {@code {% if %}}: the first branch whose condition holds; else has the condition true. */
  record If(List<Branch> branches) implements Node {
    record Branch(Expression condition, List<Node> body) {}

    @Override
    public void render(Scope scope, StringBuilder out) {
      for (Branch branch : branches) {
        if (PythonValues.isTrue(new Evaluator(scope).value(branch.condition))) {
          branch.body.forEach(node -> node.render(scope, out));
          return;
        }
      }
    }
  }

  /** {@code {% for name in items %}}, with several names where items are lists. */
  record For(List<String> names, Expression items, List<Node> body) implements Node {
    @Override
    public void render(Scope scope, StringBuilder out) {
      List<Object> all = PythonValues.items(new Evaluator(scope).value(items));
      for (int i = 0; i < all.size(); i++) {
        Scope inner = scope.inner();
        if (names.size() == 1) {
          inner.set(names.getFirst(), all.get(i));
        } else {
          List<Object> parts = PythonValues.items(all.get(i));
          for (int k = 0; k < names.size(); k++) {
            inner.set(names.get(k), Undefined.require(PythonValues.index(parts, (long) k)));
          }
        }
        inner.set("loop", loop(i, all.size()));
        body.forEach(node -> node.render(inner, out));
      }
    }

    private static Map<String, Object> loop(int i, int size) {
      Map<String, Object> loop = new LinkedHashMap<>();
      loop.put("index", i + 1L);
      loop.put("index0", (long) i);
      loop.put("first", i == 0);
      loop.put("last", i == size - 1);
      loop.put("length", (long) size);
      return loop;
    }
  }
}
