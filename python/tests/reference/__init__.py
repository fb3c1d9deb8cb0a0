"""What the library computes, once more in numpy, from the documents: slow, small, and independent of it."""
