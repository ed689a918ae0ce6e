import random


class TestAnimal:
    def setUp(self):
        self.access_token = "%032x" % random.randrange(16**32)
