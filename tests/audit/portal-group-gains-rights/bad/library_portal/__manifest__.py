{
    "name": "Library Portal",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["library_base"],
    "data": ["security/groups.xml"],
}
