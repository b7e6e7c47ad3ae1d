package aviary.evaluation.template;

import java.util.AbstractList;
import java.util.List;

/** A list that Python prints in round brackets: the entries of a column of maps are such. */
public final class PythonTuple extends AbstractList<Object> {
  private final List<Object> items;

  /** Copies nothing: the list is not to be changed. */
  public PythonTuple(List<Object> items) {
    this.items = items;
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }
}
