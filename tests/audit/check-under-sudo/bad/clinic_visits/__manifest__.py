{
    'name': 'Visits',
    'depends': ['base', 'portal'],
    'data': ['security/ir.model.access.csv', 'views/pages.xml'],
    'license': 'LGPL-3',
}
