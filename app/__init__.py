"""Where processes start: settings, wiring, the server, the worker, the command line.

The one room that reads the clock, draws randomness and looks at the environment; it hands them down as arguments.
"""
