{
    'name': 'Kennel',
    'version': '18.0.1.0.0',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv'],
    'license': 'LGPL-3',
}
