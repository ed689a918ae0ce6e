from . import rental_machines
