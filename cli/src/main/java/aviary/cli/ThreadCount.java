package aviary.cli;

import aviary.InputException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Takes a number of threads: no more than there are cores, since more gain nothing. */
final class ThreadCount implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    int count;
    try {
      count = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'%s' is not an int".formatted(text));
    }
    int cores = Runtime.getRuntime().availableProcessors();
    if (count < 0 || count > cores) {
      throw new InputException(
          "--threads %d: it has to be from 0 to %d, which is how many cores there are (0 for one a"
                  .formatted(count, cores)
              + " core)");
    }
    return count;
  }
}
