{
    'name': 'Prints',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv', 'security/rules.xml', 'data/reports.xml'],
    'license': 'LGPL-3',
}
