"""`make bench`: the gateway beside its peers on one machine, one upstream, one load generator.

CPU of the server's processes per call is the figure to trust on a noisy machine; everything is
played in interleaved rounds and told as medians and ratios of one run. docs/benchmarks.md holds the
last run. `upstream` is the model, `subjects` are the servers, `h2load` sends the load.
"""
