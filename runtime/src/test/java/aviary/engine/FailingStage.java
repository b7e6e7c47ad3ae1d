package aviary.engine;

/** A stage whose device goes away. */
public final class FailingStage implements Stage {
  private final Stage stage;
  private final String device;
  private final Pass.Limits limits;
  private final int good;
  private int runs;

  /**
   * @param stage does the work while it goes well
   * @param device what it is called
   * @param rows how many rows a pass may have
   * @param good how many passes go well
   */
  public FailingStage(Stage stage, String device, int rows, int good) {
    this.stage = stage;
    this.device = device;
    this.limits = stage.limits().and(new Pass.Limits(rows, Integer.MAX_VALUE, Integer.MAX_VALUE));
    this.good = good;
  }

  /** How many passes were begun. */
  int runs() {
    return runs;
  }

  @Override
  public Layers layers() {
    return stage.layers();
  }

  @Override
  public String device() {
    return device;
  }

  @Override
  public Pass.Limits limits() {
    return limits;
  }

  @Override
  public State newState(StateData data) {
    return stage.newState(data);
  }

  @Override
  public Logits run(Pass pass, float[] hidden) {
    runs++;
    if (runs > good) {
      throw new DeviceException("device %s: it went away".formatted(device), null);
    }
    return stage.run(pass, hidden);
  }

  @Override
  public void close() {
    stage.close();
  }
}
