package aviary.training;

import aviary.ExclusiveUse;
import aviary.InputException;
import aviary.cpu.VectorApi;
import aviary.model.Model;
import aviary.safetensors.Tensor;
import aviary.training.TrainingOptions.Tuned;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Trains a model in a folder: {@code checkpoint.safetensors}, from which it goes on after it was
 * interrupted, {@code metrics.jsonl} with a line a step, and plots of these at the end. The
 * checkpoint is there before anything else, so that a folder without one is of no training.
 *
 * <p>For one thread: {@link #run} while it runs, on another thread or from its own progress, and
 * after {@link #close}, throws an {@link IllegalStateException}; so does {@code close} while it
 * runs.
 */
public final class Trainer implements AutoCloseable {

  /** A loss of so many times that of guessing is never coming back. */
  private static final double DIVERGED = 4;

  private static final String METRICS = "metrics.jsonl";

  private final ExclusiveUse use =
      new ExclusiveUse("trainer", "give each thread a trainer with a folder of its own");
  private final TrainingData data;
  private final TrainingOptions options;
  private final Path folder;
  private final FolderLock lock;
  private final Learner learner;
  private final Checkpoints checkpoints;
  private final Metrics metrics;
  private final double worst;
  private final boolean goesOn;
  private long steps;
  private long saved;

  /**
   * When checkpoints are written.
   *
   * @param steps after so many; 0 for never
   * @param seconds after so many
   */
  public record Saving(long steps, double seconds) {

    /** Checks the numbers. */
    public Saving {
      if (steps < 0) {
        throw new InputException("--save-steps %d: it has to be 0 or more".formatted(steps));
      }
      if (!(seconds > 0)) {
        throw new InputException("--save-minutes %s: it has to be above 0".formatted(seconds / 60));
      }
    }
  }

  /**
   * Prepares a training, which goes on from the folder's checkpoint if that is wanted and there.
   *
   * @param model what to begin with
   * @param origin what tells this training from others beside its data and options, by names
   * @param folder where everything goes; made if it is not there
   * @throws InputException if the folder has another training, or one and {@code resume} is not
   *     set, or one that runs, or files that a new one would overwrite
   */
  public Trainer(
      Model model,
      Map<String, String> origin,
      TrainingData data,
      TrainingOptions options,
      Path folder,
      boolean resume)
      throws IOException {
    if (!VectorApi.isPresent()) {
      throw new InputException(
          "training needs the Vector API: start java with --add-modules " + VectorApi.MODULE);
    }
    this.data = data;
    this.options = options;
    this.folder = folder;
    Map<String, String> identity = new TreeMap<>(options.texts());
    identity.put("data", data.identity());
    identity.putAll(origin);
    checkpoints = Checkpoints.in(folder, identity);
    metrics = new Metrics(folder.resolve(METRICS));
    if (checkpoints.isThere() && !resume) {
      throw new InputException(
          "%s: has a training already: go on with --resume, or name another --output"
              .formatted(folder));
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InputException(folder + ": is a file; --output has to name a folder");
    }
    if (!checkpoints.isThere()) {
      requireNothingIsThere();
    }
    Files.createDirectories(folder);
    worst = DIVERGED * Math.log(model.config().vocabulary());
    learner = new Learner(model, options);
    try {
      lock = new FolderLock(folder);
    } catch (Throwable e) {
      learner.close();
      throw e;
    }
    try {
      goesOn = checkpoints.isThere();
      steps = goesOn ? checkpoints.read(learner) : 0;
      saved = steps;
    } catch (Throwable e) {
      learner.close();
      lock.close();
      throw e;
    }
  }

  private void requireNothingIsThere() {
    for (Path file :
        List.of(
            result(),
            metrics.file(),
            folder.resolve(Curves.LOSS),
            folder.resolve(Curves.ACCURACY))) {
      if (Files.exists(file)) {
        throw new InputException(
            ("%s: exists, and there is no checkpoint beside it, so that a training here would overwrite"
                    + " it; name another --output, or move it")
                .formatted(file));
      }
    }
  }

  /** The file for what was trained; to write it is left to others. */
  public Path result() {
    return folder.resolve(
        options.tuned() == Tuned.TIME_STATE ? "state.safetensors" : "model.safetensors");
  }

  /** Whether it goes on from a checkpoint. */
  public boolean goesOn() {
    return goesOn;
  }

  /** How many steps were done. */
  public long steps() {
    return steps;
  }

  /**
   * How long its steps took, in seconds, in all the times that it was run; steps that had to be
   * done again count once.
   */
  public double seconds() throws IOException {
    return metrics.seconds();
  }

  /** The model as it is now. */
  public Model model() {
    return learner.model();
  }

  /** The states that sequences begin with, by the names of their tensors, as they are now. */
  public Map<String, Tensor> timeStates() {
    return learner.timeStates();
  }

  /** The loss of sequences that nothing is learned from, walked in chunks of so many tokens. */
  public Loss loss(Sequences batch, int chunk) {
    return learner.loss(batch, chunk);
  }

  /**
   * Trains on, until all steps are done or somebody wants to stop; then there is a checkpoint.
   *
   * @param stop asked before each step
   * @return whether all steps are done
   * @throws TrainingFailure if the loss is no number any more, or diverges; the last checkpoint
   *     stays, which is of weights whose loss was fine
   * @throws IOException if something cannot be written; the last checkpoint stays
   */
  public boolean run(Saving saving, TrainingProgress progress, BooleanSupplier stop)
      throws IOException {
    return run(saving, Observation.NONE, progress, stop);
  }

  /**
   * As {@link #run(Saving, TrainingProgress, BooleanSupplier)}, and looks at the model now and
   * then.
   *
   * @param observation what is looked at
   */
  public boolean run(
      Saving saving, Observation observation, TrainingProgress progress, BooleanSupplier stop)
      throws IOException {
    use.begin();
    try {
      return runToEnd(saving, observation, progress, stop);
    } catch (FileSystemException e) {
      // Its kind says what is wrong; of a full disk its reason.
      throw e.getReason() == null || !checkpoints.isThere() ? e : withWhatStays(e);
    } catch (IOException e) {
      throw checkpoints.isThere() ? withWhatStays(e) : e;
    } finally {
      use.end();
    }
  }

  private IOException withWhatStays(IOException e) {
    return new IOException(
        "%s; the checkpoint of step %d stays, and the training can go on from it"
            .formatted(e.getMessage(), saved),
        e);
  }

  private boolean runToEnd(
      Saving saving, Observation observation, TrainingProgress progress, BooleanSupplier stop)
      throws IOException {
    save(progress);
    metrics.keep(steps);
    double before = metrics.seconds();
    long begin = System.nanoTime();
    long savedAt = begin;
    long tokens = 0;
    while (steps < options.steps() && !stop.getAsBoolean()) {
      Sequences batch = data.batch(steps);
      Learner.Step step = learner.gradients(steps, batch);
      require(step.loss().mean(), step.gradientNorm());
      // Only now it is known that the last step did no harm.
      boolean due = saving.steps() > 0 && steps - saved >= saving.steps();
      if (due || (System.nanoTime() - savedAt) * 1e-9 >= saving.seconds()) {
        save(progress);
        savedAt = System.nanoTime();
      }
      learner.learn(steps, step);
      steps++;
      tokens += batch.rows();
      Metrics.Seen seen = look(observation, progress);
      double seconds = (System.nanoTime() - begin) * 1e-9;
      metrics.add(
          new Metrics.Line(
              steps,
              step.loss().mean(),
              step.loss().accuracy(),
              step.rate(),
              step.gradientNorm(),
              tokens / seconds,
              before + seconds,
              seen));
      progress.step(steps, options.steps(), step.loss(), tokens / seconds);
    }
    if (saved < steps) {
      require(nextLoss(), 0);
    }
    save(progress);
    Curves.write(folder, metrics.read());
    return steps == options.steps();
  }

  /** What the weights, as they are now, give for the batch that comes next. */
  private double nextLoss() {
    return learner.loss(data.batch(steps), options.chunks().tokens()).mean();
  }

  private boolean isOfUse(double loss, double gradientNorm) {
    return loss <= worst && Double.isFinite(gradientNorm);
  }

  /** That the weights are of use, by what they gave for a batch. */
  private void require(double loss, double gradientNorm) {
    if (isOfUse(loss, gradientNorm)) {
      return;
    }
    throw new TrainingFailure(
        String.format(
            Locale.ROOT,
            "after step %d the loss is %.4g and its gradient's length %.4g, so that training stops;"
                + " the checkpoint of step %d is kept in %s. Try a lower --lr, in another --output",
            steps,
            loss,
            gradientNorm,
            saved,
            folder));
  }

  /** Null if there is nothing to look at after this step. */
  private Metrics.Seen look(Observation observation, TrainingProgress progress) {
    boolean measures = observation.measures(steps, options.steps());
    String sample = null;
    Loss loss = Loss.NONE;
    if (measures) {
      loss = learner.loss(observation.heldOut(), observation.chunk());
      progress.measured(steps, options.steps(), loss);
    }
    // Weights that have diverged write no text; the next batch ends the training and says why.
    if (observation.samples(steps) && isOfUse(nextLoss(), 0)) {
      sample = observation.sampler().apply(learner.running());
      progress.sampled(steps, sample);
    }
    if (!measures) {
      return sample == null ? null : new Metrics.Seen(Double.NaN, Double.NaN, Double.NaN, sample);
    }
    return new Metrics.Seen(loss.mean(), loss.accuracy(), observation.bitsPerByte(loss), sample);
  }

  private void save(TrainingProgress progress) throws IOException {
    if (saved < steps || !checkpoints.isThere()) {
      checkpoints.write(learner, steps);
      saved = steps;
      progress.saved(steps);
    }
  }

  @Override
  public void close() throws IOException {
    // Once: a second time the folder may be another trainer's.
    if (use.close()) {
      learner.close();
      lock.close();
    }
  }
}
