from . import library_renewals
