"""``python -m basicchat`` is the command line."""

from basicchat.cli.main import main

if __name__ == "__main__":
    main()
