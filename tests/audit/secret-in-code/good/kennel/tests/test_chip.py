class TestChip:
    def setUp(self):
        self.password = "Pups4ever!!"
