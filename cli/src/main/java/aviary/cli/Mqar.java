package aviary.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code aviary mqar}: its own commands do all of it. */
@Command(
    name = "mqar",
    description = "Multi-query associative recall: trains models on it and measures them.",
    subcommands = {MqarTrain.class, MqarEval.class, MqarGenerate.class, MqarSweep.class})
final class Mqar implements Callable<Integer> {
  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  Main main() {
    return main;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(main.err());
    return Failure.BAD_INPUT;
  }
}
