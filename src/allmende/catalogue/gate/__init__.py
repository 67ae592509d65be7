"""The publication gate: what speaks against making a table open, in plain words, and what can be done about it.

`examine` looks at the office's file and gives a verdict; `remedies` are applied when the readers' file is made. Nothing
here decides alone: two people may publish over a verdict, with a reason that is kept (`catalogue.services.publishing`).
"""
