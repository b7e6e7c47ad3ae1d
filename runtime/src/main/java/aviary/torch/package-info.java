/**
 * Files of {@code torch.save} ({@code .pth}, {@code .pt}, {@code .bin}), opened in place and
 * without PyTorch. They contain a pickle, which in Python is a program that may do anything; here
 * it is read as a description of tensors, and one that asks for more is refused.
 */
package aviary.torch;
