from . import library_prints
