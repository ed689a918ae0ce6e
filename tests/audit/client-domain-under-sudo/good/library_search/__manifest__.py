{
    'name': 'Search',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv', 'security/rules.xml'],
    'license': 'LGPL-3',
}
