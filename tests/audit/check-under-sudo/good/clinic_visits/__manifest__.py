{
    'name': 'Visits',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv', 'security/rules.xml'],
    'license': 'LGPL-3',
}
