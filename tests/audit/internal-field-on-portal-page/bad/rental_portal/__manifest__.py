{
    "name": "Rental Portal",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["base", "mail", "portal"],
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/contract_views.xml",
        "views/templates.xml",
    ],
}
