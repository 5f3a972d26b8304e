"""Notes engines: what was said in a meeting, made into notes in which every sentence can be checked."""
