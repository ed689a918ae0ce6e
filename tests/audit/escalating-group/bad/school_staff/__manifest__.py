{
    "name": "School Staff",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["school"],
    "data": ["security/groups.xml"],
}
