{
    "name": "Library, stricter loans",
    "version": "18.0.1.0.0",
    "depends": ["library_loans"],
    "data": ["security/rules.xml", "security/ir.model.access.csv"],
    "license": "LGPL-3",
}
