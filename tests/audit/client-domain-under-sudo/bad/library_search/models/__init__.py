from . import library_search
