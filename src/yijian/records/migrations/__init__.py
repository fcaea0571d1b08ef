"""The steps by which the tables came to be; those that are released never change."""
