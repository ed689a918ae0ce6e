from . import test_chip
