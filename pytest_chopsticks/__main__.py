"""`python -m pytest_chopsticks` is the console command `chopsticks`."""

import sys

from pytest_chopsticks.command_line import main

if __name__ == "__main__":
    sys.exit(main())
