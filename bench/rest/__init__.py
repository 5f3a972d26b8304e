"""The list of 50 meetings: ours against Express + pg and against a plain view of REST framework."""
