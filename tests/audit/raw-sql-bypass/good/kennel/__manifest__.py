{
    'name': 'Kennel',
    'version': '18.0.1.0.0',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv', 'security/rules.xml'],
    'license': 'LGPL-3',
}
