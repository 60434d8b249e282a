"""Benchmarks: the honest record of how fast Trapwise is."""
