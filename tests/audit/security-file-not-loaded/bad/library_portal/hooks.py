RULES = "security/staff_rules.xml"
