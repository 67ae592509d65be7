"""`python -m allmende.run`: the same as the command `allmende`."""

from allmende.run.cli import main

if __name__ == "__main__":
    main()
