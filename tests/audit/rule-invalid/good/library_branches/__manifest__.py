{
    "name": "Library Branches",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["library_portal"],
    "data": ["security/rules.xml"],
}
