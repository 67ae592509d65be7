"""Files in: a sandboxed child guesses how a file is to be read and says why; what was confirmed becomes a recipe.

`reading` is the door for callers. `child` runs in the sandbox and may import only modules here that know no Django:
`said`, `source`, `dialect`, `times`, `zones`, `numbers`, `columns`, `rhythm`, `headings`, `recipe`, `sniff`, `parse`.
"""
