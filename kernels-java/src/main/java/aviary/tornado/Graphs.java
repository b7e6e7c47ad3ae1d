package aviary.tornado;

import aviary.tornado.DeviceTraits.Form;
import aviary.tornado.LaunchTasks.Rows;
import aviary.tornado.kernels.Argmax;
import aviary.tornado.kernels.HiddenRows;
import aviary.tornado.kernels.LayerCounter;
import aviary.tornado.kernels.StateCopy;
import aviary.tornado.kernels.WantedRows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A model's program, or that of some of its layers, as task graphs. A graph of a layer runs once
 * for each layer; there are two of it, for one row of activations and for many, as their matrix
 * products are different kernels. All graphs work on the same arrays, which the first graph brings
 * to the device.
 */
final class Graphs {
  private final DeviceModel device;
  private final GridScheduler scheduler;
  private final KernelContext context = new KernelContext();
  private final LaunchTasks launches;

  /** Those that take what the pass is about from the host; others have it from the one before. */
  private final Set<Graph> getPass = new HashSet<>();

  private final List<Graph> all = new ArrayList<>();

  final Graph load;
  final Graph put;
  final Graph get;

  /** From tokens, or rows that come from the host, to what goes into the first layer. */
  private final List<Graph> start;

  private final List<Graph> oneRow = new ArrayList<>();
  private final List<Graph> manyRows = new ArrayList<>();

  /** From what the last layer gives to logits, or to rows that go to the host. */
  private final List<Graph> end;

  /** Reads a row of logits; null where there are none. */
  final Graph logits;

  Graphs(DeviceModel device, GridScheduler scheduler) {
    this.device = device;
    this.scheduler = scheduler;
    launches = new LaunchTasks(device, context);
    load = graph("load");
    put = put();
    get = get();
    boolean tokens = device.layers.takesTokens();
    start =
        tokens
            ? List.of(start())
            : List.of(arrive("arrive", device.rowIn), arrive("arriveMany", device.rowsIn));
    for (int chunk = 0; chunk < device.chunks.size(); chunk++) {
      oneRow.add(layer("one" + chunk, device.chunks.get(chunk), true));
      manyRows.add(layer("many" + chunk, device.chunks.get(chunk), false));
    }
    boolean givesLogits = device.layers.givesLogits();
    end =
        givesLogits
            ? List.of(end("wanted", true), end("wantedMany", false))
            : List.of(leave("leave", device.rowOut), leave("leaveMany", device.rowsOut));
    logits = givesLogits ? logits() : null;
    bringEverything();
    share();
  }

  /** All graphs, in the order of their places in the plan. */
  List<Graph> all() {
    return all;
  }

  /** The one with which a pass begins. */
  Graph start(boolean one) {
    return one ? start.getFirst() : start.getLast();
  }

  /** The one of a chunk's layers. */
  Graph layer(int chunk, boolean one) {
    return (one ? oneRow : manyRows).get(chunk);
  }

  /** The one with which a pass ends. */
  Graph end(boolean one) {
    return one ? end.getFirst() : end.getLast();
  }

  private Graph graph(String name) {
    Graph graph = new Graph(name, scheduler, device.traits.few());
    all.add(graph);
    return graph;
  }

  /** A graph that begins with what the host says of the pass. */
  private Graph graphOfPass(String name) {
    Graph graph = graph(name);
    getPass.add(graph);
    graph.tasks().transferToDevice(DataTransferMode.EVERY_EXECUTION, device.pass);
    return graph;
  }

  /** Lets any graph run behind any other, and find the arrays where that left them. */
  private void share() {
    Object[] arrays = device.memory.all();
    Object[] withoutPass =
        Stream.of(arrays).filter(array -> array != device.pass).toArray(Object[]::new);
    for (Graph graph : all) {
      for (Graph before : all) {
        if (graph != load) {
          graph
              .tasks()
              .consumeFromDevice(
                  before.tasks().getTaskGraphName(),
                  getPass.contains(graph) ? withoutPass : arrays);
        }
      }
      graph.tasks().persistOnDevice(arrays);
    }
  }

  /** Brings all arrays to the device; all have been made by now. */
  private void bringEverything() {
    new TouchTasks(load, device).add();
    load.tasks().transferToDevice(DataTransferMode.FIRST_EXECUTION, device.memory.all());
  }

  /** Writes a state that comes from the host to a slot. */
  private Graph put() {
    Graph graph = graphOfPass("put");
    graph
        .tasks()
        .transferToDevice(DataTransferMode.EVERY_EXECUTION, device.arriving)
        .task(
            graph.items("put", _ -> device.stateSize()),
            StateCopy::put,
            device.pass,
            device.arriving,
            device.attShifts,
            device.ffnShifts,
            device.states,
            device.shifts(),
            device.wkvs());
    return graph;
  }

  /** Reads the state of a slot. */
  private Graph get() {
    Graph graph = graphOfPass("get");
    graph
        .tasks()
        .task(
            graph.items("get", _ -> device.stateSize()),
            StateCopy::get,
            device.pass,
            device.leaving,
            device.attShifts,
            device.ffnShifts,
            device.states,
            device.shifts(),
            device.wkvs())
        .transferToHost(DataTransferMode.EVERY_EXECUTION, device.leaving);
    return graph;
  }

  private Graph start() {
    Graph graph = graphOfPass("start");
    device.program.start.forEach(launch -> launches.add(graph, launch, Rows.ALL, false, null));
    return graph;
  }

  private Graph arrive(String name, FloatArray rows) {
    Graph graph = graphOfPass(name);
    int width = device.config.width();
    graph
        .tasks()
        .transferToDevice(DataTransferMode.EVERY_EXECUTION, rows)
        .task(
            graph.items("arrive", counts -> counts.rows() * width),
            HiddenRows::arrive,
            device.pass,
            device.layer,
            rows,
            device.values,
            device.program.places.of(device.program.hidden),
            width,
            Places.stride(width));
    return graph;
  }

  private Graph leave(String name, FloatArray rows) {
    Graph graph = graph(name);
    int width = device.config.width();
    graph
        .tasks()
        .task(
            graph.items("leave", counts -> counts.rows() * width),
            HiddenRows::leave,
            device.pass,
            rows,
            device.values,
            device.program.places.of(device.program.hidden),
            width,
            Places.stride(width))
        .transferToHost(DataTransferMode.EVERY_EXECUTION, rows);
    return graph;
  }

  /** One layer, and on to the next. */
  private Graph layer(String name, DeviceModel.Chunk chunk, boolean one) {
    Graph graph = graph(name);
    for (Launch launch : device.program.layer) {
      var weights = new ProductTasks.Weights(chunk.matrices().get(launch), chunk.first());
      launches.add(graph, launch, Rows.ALL, one, weights);
    }
    graph.tasks().task(graph.fewItems("next", _ -> 1), LayerCounter::next, device.layer);
    return graph;
  }

  /** For the wanted rows, and the greatest of their logits. */
  private Graph end(String name, boolean one) {
    Graph graph = graph(name);
    for (Launch launch : device.program.end) {
      // Behind the layers the counter has gone past the last.
      var weights = new ProductTasks.Weights(device.head.get(launch), device.layers.count());
      launches.add(graph, launch, Rows.WANTED, one, weights);
    }
    argmax(graph);
    graph.tasks().transferToHost(DataTransferMode.EVERY_EXECUTION, device.best);
    return graph;
  }

  private void argmax(Graph graph) {
    int place = device.program.places.of(device.program.logits);
    int width = device.config.vocabulary();
    if (device.traits.form() == Form.GROUPS) {
      graph
          .tasks()
          .task(
              graph.groups("argmax", Argmax.ITEMS, Counts::wanted),
              Argmax::inGroups,
              context,
              device.values,
              place,
              device.best,
              width,
              Places.stride(width));
    } else {
      graph
          .tasks()
          .task(
              graph.fewItems("argmax", Counts::wanted),
              Argmax::plain,
              device.pass,
              device.values,
              place,
              device.best,
              width,
              Places.stride(width));
    }
  }

  private Graph logits() {
    Graph graph = graphOfPass("logits");
    int width = device.config.vocabulary();
    graph
        .tasks()
        .task(
            graph.items("row", _ -> width),
            WantedRows::fetch,
            device.pass,
            device.values,
            device.program.places.of(device.program.logits),
            device.logits,
            width,
            Places.stride(width))
        .transferToHost(DataTransferMode.EVERY_EXECUTION, device.logits);
    return graph;
  }
}
