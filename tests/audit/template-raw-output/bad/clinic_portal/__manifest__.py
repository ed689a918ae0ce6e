{
    "name": "Clinic Requests",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["base", "portal"],
    "data": ["security/ir.model.access.csv", "security/rules.xml", "views/templates.xml"],
}
