"""The command line as `python -m receivables`, for machines that refuse small programs of pip's."""

from receivables.cli import main

if __name__ == "__main__":
    main()
