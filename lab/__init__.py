"""What is not deployed: simulators, the local AWS, the demo, the benchmarks, the fault bench."""
