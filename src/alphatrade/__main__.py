"""``python -m alphatrade`` is the command line."""

from alphatrade.app.cli import main

if __name__ == "__main__":
    main()
