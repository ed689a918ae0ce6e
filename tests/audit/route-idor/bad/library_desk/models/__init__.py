from . import library_desk
