{
    "name": "Rental",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["portal", "partner_zone"],
    "data": [
        "security/security.xml",
        "security/ir.model.access.csv",
    ],
}
