{
    'name': 'Machines',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv'],
    'license': 'LGPL-3',
}
