"""One event to a whole room: our sockets against Node's, Channels' and what the machine can do at most."""
