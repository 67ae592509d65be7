"""The native API: the shortest way in and out, and the only one that carries everything the store knows."""
