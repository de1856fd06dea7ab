"""Tables of the keyword engine; README.md names source and licence of each."""
