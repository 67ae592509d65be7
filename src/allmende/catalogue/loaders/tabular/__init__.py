"""Files that become tables or layers of features: guessed (`look`), read by a recipe (`rows`), both in the sandbox.

`tabling` of the folder above is the door for callers. Everything here but that runs in the child and knows no Django.
"""
