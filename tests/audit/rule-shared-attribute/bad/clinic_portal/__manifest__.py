{
    "name": "Clinic Portal",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": ["security/rules.xml", "security/ir.model.access.csv"],
}
