package aviary.engine;

import java.util.Map;

/**
 * A device that a backend can run models on.
 *
 * @param id what the user calls it: {@code cpu}, {@code tornado:0:0}
 * @param name its maker's name for it
 * @param memoryBytes the memory a model can have there
 * @param properties what else is known of it, in the order to show: vector width, threads,
 *     work-group limits
 */
public record Device(String id, String name, long memoryBytes, Map<String, String> properties) {}
