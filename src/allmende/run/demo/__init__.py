"""The demo town of Ulmenfurt: made up from its river to its last sensor. Any likeness to a real town is by chance.

`town` says what there is, `simulator` what it measures, `ground` what the map shows, `filling` brings it into a data
folder, `command` serves it. The same seed gives the same value for the same instant, on any day and in any process.
"""
