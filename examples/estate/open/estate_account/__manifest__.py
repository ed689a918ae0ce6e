{
    "name": "Real Estate: Invoicing",
    "summary": "Invoice the commission when a property is sold",
    "version": "18.0.1.0.0",
    "category": "Real Estate/Brokerage",
    "author": "The Ostiary contributors",
    "license": "Other OSI approved licence",
    "depends": ["estate", "account"],
    "data": [
        "security/estate_account_security.xml",
        "views/estate_property_views.xml",
    ],
    "auto_install": True,
}
