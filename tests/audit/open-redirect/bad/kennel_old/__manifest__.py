{
    'name': 'Kennel of Odoo 14',
    'version': '14.0.1.0.0',
    'depends': ['base', 'portal'],
    'data': [],
    'license': 'LGPL-3',
}
