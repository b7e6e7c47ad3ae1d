package aviary.cli;

import aviary.model.Model;
import aviary.model.ModelConversion;
import aviary.model.WeightType;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.training.Loss;
import aviary.training.Observation;
import aviary.training.Trainer;
import aviary.training.TrainingOptions.Tuned;
import aviary.training.TrainingProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/**
 * Writes what was trained: with each checkpoint, so that also a training that was stopped or killed
 * leaves a model to run.
 */
final class TrainingOutput {
  private final PrintStream err;
  private final Trainer trainer;
  private final Tuned tuned;
  private final WeightType type;

  /** Whether the file has what the trainer has. */
  private boolean isWritten;

  TrainingOutput(PrintStream err, Trainer trainer, Tuned tuned, WeightType type) {
    this.err = err;
    this.trainer = trainer;
    this.tuned = tuned;
    this.type = type;
  }

  /** Lets another hear of the training too. */
  TrainingProgress withProgress(TrainingProgress shown) {
    return new TrainingProgress() {
      @Override
      public void step(long steps, long all, Loss loss, double tokensPerSecond) {
        isWritten = false;
        shown.step(steps, all, loss, tokensPerSecond);
      }

      @Override
      public void measured(long steps, long all, Loss loss) {
        shown.measured(steps, all, loss);
      }

      @Override
      public void sampled(long steps, String text) {
        shown.sampled(steps, text);
      }

      @Override
      public void saved(long steps) throws IOException {
        // Before the first step there is nothing that anybody trained.
        if (steps > 0) {
          write();
        }
      }
    };
  }

  /** Writes the file unless it is there, and says where it is. */
  void finish() throws IOException {
    if (!isWritten) {
      write();
    }
    err.printf(
        "aviary: the %s is in %s%n",
        tuned == Tuned.TIME_STATE ? "state" : "model", trainer.result());
  }

  private void write() throws IOException {
    if (tuned == Tuned.TIME_STATE) {
      SafetensorsWriter.write(
          trainer.result(),
          Map.of(),
          trainer.timeStates().values().stream().map(Entry::of).toList());
    } else {
      Model model = trainer.model();
      new ModelOutput(err, trainer.result())
          .writeQuietly(model.metadata(), ModelConversion.entries(model, type));
    }
    isWritten = true;
  }

  /** The loss of the held-out part as it is shown. */
  static String shown(Observation observation, Loss loss) {
    double bits = observation.bitsPerByte(loss);
    return String.format(
        Locale.ROOT,
        "%s, accuracy %.4f",
        Double.isNaN(bits)
            ? String.format(Locale.ROOT, "loss %.4f", loss.mean())
            : String.format(Locale.ROOT, "%.4f bits per byte", bits),
        loss.accuracy());
  }
}
