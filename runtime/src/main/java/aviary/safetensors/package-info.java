/**
 * Safetensors files in Java: memory-mapped reading and streaming writing, in a package that needs
 * only a JDK and Jackson's streaming core.
 *
 * <p>Read a file. The tensors are views of the mapped file, so that opening one of many gigabytes
 * takes milliseconds, and they live as long as the arena:
 *
 * <pre>{@code
 * try (Arena arena = Arena.ofShared()) {
 *   SafetensorsFile file = SafetensorsFile.open(Path.of("model.safetensors"), arena);
 *   file.metadata().forEach((key, value) -> System.out.println(key + " = " + value));
 *   Tensor embedding = file.tensors().get("emb.weight");
 *   System.out.println(embedding); // emb.weight BF16[65536, 1024]
 *   float[] row = new float[1024];
 *   embedding.read(42 * 1024, row, 0, 1024); // row 42, widened to float
 *   MemorySegment bytes = embedding.data(); // or the bytes as they are
 * }
 * }</pre>
 *
 * <p>Models in several files with a {@code model.safetensors.index.json} open through {@link
 * aviary.safetensors.ShardedTensors}.
 *
 * <p>Write a file. Elements are asked for when the writer comes to them, so that a file may be
 * larger than memory:
 *
 * <pre>{@code
 * float[] weights = {1, 2, 3, 4, 5, 6};
 * SafetensorsWriter.Entry small =
 *     new SafetensorsWriter.Entry(
 *         "small", DType.F32, new long[] {2, 3}, Payload.of(MemorySegment.ofArray(weights)));
 * SafetensorsWriter.Entry streamed =
 *     new SafetensorsWriter.Entry(
 *         "streamed",
 *         DType.U8,
 *         new long[] {1_000_000, 1000},
 *         out -> {
 *           for (int row = 0; row < 1_000_000; row++) {
 *             out.write(ByteBuffer.wrap(new byte[1000]));
 *           }
 *         });
 * SafetensorsWriter.write(
 *     Path.of("new.safetensors"), Map.of("made_by", "me"), List.of(small, streamed));
 * }</pre>
 *
 * <p>Files from anywhere can be opened safely: the header is checked whole, against the file's
 * length, before any of it is believed, and a damaged file is a {@link
 * aviary.safetensors.MalformedFileException} with one line that says what is wrong.
 *
 * <p>What the reference implementation opens opens here, with three exceptions. A name that an
 * object has twice is refused: the reference takes the last and other programs the first, so that
 * two programs would read different weights. A tensor has at most 64 dimensions below 2^63, as in
 * PyTorch, so that a header cannot ask for long arrays. And a tensor is described by an object; the
 * reference also takes an array of type, shape and offsets, which no program writes.
 */
package aviary.safetensors;
