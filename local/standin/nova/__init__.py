"""A small Nova over one pod's hosts, its state in memory."""
