package aviary.cpu;

/**
 * The Vector API's module, which a JVM has only on demand.
 *
 * <p>Where {@code --add-modules jdk.incubator.vector} demands it, the JVM warns on stderr of an
 * incubator module, which no option stops, and cannot use what it has prepared for a quick start.
 * So the launcher gives {@code --add-exports java.base/jdk.internal.module=ALL-UNNAMED} instead,
 * and the module is added when it is first needed, as the JDK itself adds the modules of its tools
 * to a running JVM. The compilers treat it alike both ways.
 */
public final class VectorApi {
  public static final String MODULE = "jdk.incubator.vector";

  private static final boolean PRESENT =
      ModuleLayer.boot().findModule(MODULE).isPresent() || added();

  private VectorApi() {}

  /**
   * Whether this JVM has the API, after adding it if it may be added. Classes that use the API must
   * not be loaded earlier.
   */
  public static boolean isPresent() {
    return PRESENT;
  }

  private static boolean added() {
    try {
      Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class)
          .invoke(null, MODULE);
      return true;
    } catch (ReflectiveOperationException e) {
      // Not exported to us, another JDK's module system, or no such module in this JDK: whichever
      // it is, there is no Vector API. The backend says which option adds it.
      return false;
    }
  }
}
