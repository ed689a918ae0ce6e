from . import test_animal
