from . import rental_shop
