from . import estate_property
