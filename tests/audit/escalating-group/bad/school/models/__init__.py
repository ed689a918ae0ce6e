from . import mark
