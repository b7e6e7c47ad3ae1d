package aviary.training;

import aviary.InputException;
import aviary.safetensors.DType;
import aviary.safetensors.MalformedFileException;
import aviary.safetensors.SafetensorsFile;
import aviary.safetensors.SafetensorsWriter;
import aviary.safetensors.SafetensorsWriter.Entry;
import aviary.safetensors.Tensor;
import aviary.training.AdamW.Moments;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The file from which a training goes on: the weights, the optimizer's running means, how many
 * steps were done, and what decides the rest. What a batch holds depends on its step alone, so that
 * there is no state of random numbers. It is written whole or not at all, and has a checksum, so
 * that no damage goes on unseen.
 *
 * @param file where it is
 * @param identity what the training is of, by names: a checkpoint of another is refused
 */
record Checkpoints(Path file, Map<String, String> identity) {
  private static final String FILE = "checkpoint.safetensors";
  private static final String FORMAT = "aviary-training";
  private static final String VERSION = "1";
  private static final String STEP = "step";
  private static final String CHECKSUM = "checksum";

  /** What the model divides by before the group norm: it belongs to the weights. */
  private static final String DIVISOR = "head_size_divisor";

  private static final String WEIGHTS = "weights/";

  /** What the model has beside its weights, such as the state that its sequences begin with. */
  private static final String KEPT = "kept/";

  private static final String MEAN = "mean/";
  private static final String SQUARE = "square/";

  /** That of a folder, whatever training it is of. */
  static Checkpoints in(Path folder) {
    return in(folder, Map.of());
  }

  /** That of a folder. */
  static Checkpoints in(Path folder, Map<String, String> identity) {
    return new Checkpoints(folder.resolve(FILE), identity);
  }

  boolean isThere() {
    return Files.exists(file);
  }

  /**
   * What it records of the training's length.
   *
   * @return empty if it is not there, or does not say it
   * @throws InputException if it is none of a training, or damaged
   */
  Optional<TrainingLength> length() throws IOException {
    if (!isThere()) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      Map<String, String> there = opened(arena).metadata();
      return TrainingLength.of(
          there.get(TrainingOptions.STEPS), there.get(TrainingOptions.SCHEDULE));
    }
  }

  /**
   * Writes it.
   *
   * @param steps how many were done
   * @throws IOException if it cannot be written; what was there stays
   */
  void write(Learner learner, long steps) throws IOException {
    Map<String, String> metadata = new TreeMap<>(identity);
    metadata.put(FORMAT, VERSION);
    metadata.put(STEP, String.valueOf(steps));
    Map<String, String> ofModel = learner.model().metadata();
    if (ofModel.containsKey(DIVISOR)) {
      metadata.put(DIVISOR, ofModel.get(DIVISOR));
    }
    List<Entry> entries = new ArrayList<>();
    for (Tensor tensor : learner.kept()) {
      entries.add(Entry.of(tensor.renamed(KEPT + tensor.name())));
    }
    for (Parameter parameter : learner.trained()) {
      Moments moments = learner.optimizer().moments().get(parameter.name());
      entries.add(entry(WEIGHTS, parameter, parameter.weights()));
      entries.add(entry(MEAN, parameter, moments.mean()));
      entries.add(entry(SQUARE, parameter, moments.square()));
    }
    metadata.put(CHECKSUM, checksum(metadata, entries));
    SafetensorsWriter.write(file, metadata, entries);
  }

  private static Entry entry(String kind, Parameter parameter, float[] numbers) {
    return Entry.of(
        new Tensor(
            kind + parameter.name(), DType.F32, parameter.shape(), MemorySegment.ofArray(numbers)));
  }

  /**
   * Reads it.
   *
   * @return how many steps were done
   * @throws InputException if it is of another training, or none, or damaged; it names what differs
   */
  long read(Learner learner) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile content = opened(arena);
      Map<String, String> there = new TreeMap<>(content.metadata());
      String checksum = there.remove(CHECKSUM);
      List<Entry> entries = content.tensors().values().stream().map(Entry::of).toList();
      if (!checksum(there, entries).equals(checksum)) {
        throw damaged("its checksum is another", null);
      }
      there.remove(FORMAT);
      there.remove(DIVISOR);
      long steps = parse(there.remove(STEP));
      requireSame(there, steps);
      for (Parameter parameter : learner.trained()) {
        Moments moments = learner.optimizer().moments().get(parameter.name());
        read(content, WEIGHTS, parameter, parameter.weights());
        read(content, MEAN, parameter, moments.mean());
        read(content, SQUARE, parameter, moments.square());
      }
      return steps;
    }
  }

  private SafetensorsFile opened(Arena arena) throws IOException {
    SafetensorsFile content;
    try {
      content = SafetensorsFile.open(file, arena);
    } catch (MalformedFileException e) {
      // What it says is of models, which can be had again from where they came.
      throw damaged("it is no whole safetensors file", e);
    }
    if (!VERSION.equals(content.metadata().get(FORMAT))) {
      throw new InputException(file + ": is no checkpoint of a training; name another --output");
    }
    return content;
  }

  private InputException damaged(String how, Throwable cause) {
    return new InputException(
        "%s: is damaged: %s; nothing can go on from it: name another --output to begin anew"
            .formatted(file, how),
        cause);
  }

  /** The CRC-32C of all that is told beside the tensors, and of their bytes in their order. */
  private static String checksum(Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    CRC32C sum = new CRC32C();
    sum.update(new TreeMap<>(metadata).toString().getBytes(StandardCharsets.UTF_8));
    for (Entry entry : entries) {
      entry.payload().writeTo(new Summing(sum));
    }
    return Long.toHexString(sum.getValue());
  }

  /** Takes bytes to a checksum. */
  private record Summing(CRC32C sum) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      int count = bytes.remaining();
      sum.update(bytes);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private void requireSame(Map<String, String> there, long steps) {
    Map<String, String> all = new TreeMap<>(there);
    all.putAll(identity);
    if (hasOtherSteps(there)) {
      requireMoreSteps(
          there.get(TrainingOptions.STEPS), there.get(TrainingOptions.SCHEDULE), steps);
      all.remove(TrainingOptions.STEPS);
    }
    for (String name : all.keySet()) {
      String was = there.get(name);
      String is = identity.get(name);
      if (was == null || is == null) {
        throw new InputException(
            ("%s: cannot be gone on with: it was written by another command or another version of aviary"
                    + " (only one of the two says %s); name another --output")
                .formatted(file, name));
      }
      if (!is.equals(was)) {
        throw new InputException(
            "%s: is of a training with %s %s, and this one has %s; use the same, or another --output"
                .formatted(file, name, was, is));
      }
    }
  }

  /** Whether it differs in how many steps there are, and that is known of both. */
  private boolean hasOtherSteps(Map<String, String> there) {
    String was = there.get(TrainingOptions.STEPS);
    String is = identity.get(TrainingOptions.STEPS);
    return was != null
        && is != null
        && !was.equals(is)
        && identity.get(TrainingOptions.SCHEDULE).equals(there.get(TrainingOptions.SCHEDULE));
  }

  /** The steps of a training whose learning rate does not depend on them may become more. */
  private void requireMoreSteps(String was, String schedule, long done) {
    String is = identity.get(TrainingOptions.STEPS);
    if (!schedule.equals("constant")) {
      throw new InputException(
          ("%s: was started with --steps %s and --schedule %s, whose learning rate has its end there,"
                  + " so that --steps %s cannot resume it; resume it with --steps %s, or begin a new"
                  + " training from its model, with --model and another --output")
              .formatted(file, was, schedule, is, was));
    }
    if (!is.equals(TrainingOptions.NO_STEPS) && Long.parseLong(is) < done) {
      throw new InputException(
          "%s: has done %d steps already, more than --steps %s; resume it with more, or name another --output"
              .formatted(file, done, is));
    }
  }

  private void read(SafetensorsFile content, String kind, Parameter parameter, float[] numbers) {
    Tensor tensor = content.tensors().get(kind + parameter.name());
    if (tensor == null
        || tensor.dtype() != DType.F32
        || !Arrays.equals(tensor.shape(), parameter.shape())) {
      throw damaged(
          "it has no tensor %s%s %s"
              .formatted(kind, parameter.name(), Arrays.toString(parameter.shape())),
          null);
    }
    tensor.read(0, numbers, 0, numbers.length);
  }

  private long parse(String step) {
    try {
      long steps = Long.parseLong(step);
      if (steps >= 0) {
        return steps;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw damaged("it does not say how many steps were done", null);
  }
}
