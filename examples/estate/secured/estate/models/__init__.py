from . import (
    estate_property,
    estate_property_document,
    estate_property_offer,
    estate_property_tag,
    estate_property_type,
    estate_property_viewing,
)
