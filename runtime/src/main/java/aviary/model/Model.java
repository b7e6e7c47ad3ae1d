package aviary.model;

import aviary.safetensors.Tensor;
import java.util.Map;

/**
 * A model's shapes and weights.
 *
 * @param config the shapes
 * @param tensors the weights by their names in the original checkpoints ({@code blocks.0.att.key.weight}), in the
 *     file's order; views of mapped files or of memory made at load. A matrix in Q8_0 is an I8 tensor with an F16
 *     tensor beside it that is named like it with {@code .scale} added
 */
public record Model(ModelConfig config, Map<String, Tensor> tensors) {}
