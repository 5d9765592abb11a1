"""`python -m dreamsync`: the command line."""

from dreamsync.cli import main

if __name__ == "__main__":
    main()
