{
    'name': 'Rental shop',
    'depends': ['base', 'portal', 'mail'],
    'data': ['security/ir.model.access.csv', 'security/rules.xml'],
    'license': 'LGPL-3',
}
