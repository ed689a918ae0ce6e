{
    "name": "Clinic",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": ["security/groups.xml", "security/ir.model.access.csv"],
}
