package aviary.cli;

import java.util.Map;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The learning rate and the seed with which MQAR is learned if nothing is said, by a sweep
 * (docs/mqar.md): with others the loss falls too late, or a model learns most of the task and not
 * all.
 */
final class MqarRecipe implements IDefaultValueProvider {
  private static final Map<String, String> VALUES = Map.of("--lr", "3e-3", "--seed", "2");

  @Override
  public String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option ? VALUES.get(option.longestName()) : null;
  }
}
