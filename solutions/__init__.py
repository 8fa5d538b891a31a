"""Reference solutions on torch, one module a topic. Private: they never reach a student."""
