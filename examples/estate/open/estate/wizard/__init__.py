from . import estate_offer_refuse
