"""Cases that every client replays against a live gateway; README.md has the format."""
