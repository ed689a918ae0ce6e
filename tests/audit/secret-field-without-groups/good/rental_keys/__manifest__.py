{
    "name": "Rental keys",
    "version": "18.0.1.0.0",
    "depends": ["portal"],
    "data": ["security/ir.model.access.csv", "security/rules.xml"],
}
