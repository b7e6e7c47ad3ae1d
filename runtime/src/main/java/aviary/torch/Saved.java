package aviary.torch;

/**
 * What a file of {@code torch.save} holds.
 *
 * @param root the value of its pickle
 * @param storages where the bytes of its tensors are
 */
record Saved(Pickled root, StorageData storages) {}
