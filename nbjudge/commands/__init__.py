"""The command line: what a TA types. It may import every room but what runs beside submitted code."""
