{
    "name": "School reports",
    "version": "18.0.1.0.0",
    "depends": ["portal"],
    "data": ["security/rules.xml", "security/ir.model.access.csv"],
    "license": "LGPL-3",
}
