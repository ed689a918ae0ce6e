{
    "name": "library desk",
    "version": "18.0.1.0.0",
    "depends": ["base"],
    "data": ["security/groups.xml", "security/ir.model.access.csv", "views/menus.xml"],
}
