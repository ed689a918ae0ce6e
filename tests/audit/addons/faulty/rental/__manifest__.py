{
    "name": "Rental",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["portal"],
    "data": ["security/groups.xml", "security/rules.xml", "security/ir.model.access.csv"],
}
