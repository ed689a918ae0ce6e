"""A small Odoo database as 17.0, 18.0 and 19.0 lay theirs out: only the tables and columns that are read, few rows."""

from __future__ import annotations

from typing import Any

import psycopg

TABLES = """
CREATE TABLE ir_module_category (id int, name jsonb, parent_id int);
CREATE TABLE ir_module_module (id int, name varchar, state varchar, latest_version varchar, shortdesc jsonb,
    category_id int, application bool, auto_install bool, demo bool);
CREATE TABLE ir_module_module_dependency (name varchar, module_id int);
CREATE TABLE ir_model_data (id serial, module varchar, name varchar, model varchar, res_id int, noupdate bool);
CREATE TABLE ir_model (id int, model varchar, name jsonb, "order" varchar, state varchar, transient bool);
CREATE TABLE ir_model_inherit (id int, model_id int, parent_id int, parent_field_id int);
CREATE TABLE ir_model_fields (id serial, model_id int, model varchar, name varchar, ttype varchar,
    relation varchar, relation_field varchar, related varchar, store bool DEFAULT true, required bool, readonly bool,
    state varchar DEFAULT 'base', field_description jsonb, relation_table varchar, selectable bool,
    compute text, domain varchar, sanitize bool, sanitize_tags bool, sanitize_overridable bool, strip_style bool,
    strip_classes bool);
CREATE TABLE ir_model_fields_group_rel (field_id int, group_id int);
CREATE TABLE res_groups (id int, name jsonb, share bool);
CREATE TABLE res_groups_implied_rel (gid int, hid int);
CREATE TABLE res_groups_users_rel (gid int, uid int);
CREATE TABLE ir_model_access (id int, name varchar, model_id int, group_id int, active bool DEFAULT true,
    perm_read bool, perm_write bool, perm_create bool, perm_unlink bool);
CREATE TABLE ir_rule (id int, name varchar, model_id int, domain_force text, active bool DEFAULT true,
    perm_read bool DEFAULT true, perm_write bool DEFAULT true, perm_create bool DEFAULT true,
    perm_unlink bool DEFAULT true, global bool);
CREATE TABLE rule_group_rel (rule_group_id int, group_id int);
CREATE TABLE res_partner (id int, name varchar, email varchar);
CREATE TABLE res_users (id int, login varchar, password varchar, active bool DEFAULT true, partner_id int,
    company_id int);
CREATE TABLE res_company (id int, name varchar, parent_id int, active bool DEFAULT true, sequence int);
CREATE TABLE res_company_users_rel (cid int, user_id int);
CREATE TABLE ir_ui_menu (id int, name jsonb, parent_id int, action varchar, active bool DEFAULT true, sequence int);
CREATE TABLE ir_ui_menu_group_rel (menu_id int, gid int);
CREATE TABLE ir_ui_view (id int, name varchar, type varchar, model varchar, inherit_id int, active bool DEFAULT true);
CREATE TABLE ir_ui_view_group_rel (view_id int, group_id int);
CREATE TABLE ir_actions (id int, type varchar, name jsonb);
CREATE TABLE ir_act_window (res_model varchar, domain varchar) INHERITS (ir_actions);
CREATE TABLE ir_act_window_group_rel (act_id int, gid int);
CREATE TABLE ir_act_server (model_id int) INHERITS (ir_actions);
CREATE TABLE ir_act_server_group_rel (act_id int, gid int);
CREATE TABLE ir_act_report_xml (model varchar) INHERITS (ir_actions);
CREATE TABLE res_groups_report_rel (uid int, gid int);
CREATE TABLE ir_act_client (res_model varchar) INHERITS (ir_actions);
CREATE TABLE ir_act_url () INHERITS (ir_actions);
CREATE TABLE shelf_tag (id int, create_uid int);
COMMENT ON TABLE shelf_tag IS 'Tag';
CREATE TABLE library_book (id int, create_uid int);
CREATE TABLE library_lend (id int);
CREATE VIEW library_report AS SELECT 1 AS id;
"""
OF_SERIES = {
    "17.0": "ALTER TABLE res_groups ADD category_id int; ALTER TABLE ir_model_fields ADD translate bool;",
    "18.0": "ALTER TABLE res_groups ADD category_id int; ALTER TABLE ir_model_fields ADD translate bool;"
    "ALTER TABLE ir_model_fields ADD company_dependent bool;",
    "19.0": "ALTER TABLE res_groups ADD privilege_id int; ALTER TABLE ir_model_fields ADD translate varchar;"
    "ALTER TABLE ir_model_fields ADD company_dependent bool; ALTER TABLE ir_model ADD abstract bool;"
    "CREATE TABLE res_groups_privilege (id int, name jsonb);",
}
ROWS = """
INSERT INTO ir_module_category VALUES (1, '{"en_US": "Services"}', NULL), (2, '{"en_US": "Library"}', 1);
INSERT INTO ir_module_module VALUES
    (1, 'base', 'installed', '{series}.1.3', '{"en_US": "Base"}', NULL, false, false, true),
    (2, 'library', 'installed', '{series}.1.0.0', '{"fr_FR": "Livres", "en_US": "Library"}', 2, true, false, true),
    (3, 'unused', 'uninstalled', NULL, NULL, NULL, false, false, false);
INSERT INTO ir_module_module_dependency VALUES ('base', 2), ('library', 3);
INSERT INTO ir_model VALUES
    (1, 'res.partner', '{"en_US": "Contact"}', 'name', 'base', false),
    (2, 'res.users', '{"en_US": "User"}', 'name, login', 'base', false),
    (3, 'library.book', '{"fr_FR": "Livre"}', 'id', 'base', false),
    (4, 'library.mixin', '{"en_US": "Mixin"}', 'id', 'base', false),
    (5, 'library.lend', '{"en_US": "Lend"}', 'id', 'base', true),
    (6, 'library.report', '{"en_US": "Report"}', 'id', 'base', false),
    (7, 'library.query', '{"en_US": "Query"}', 'id', 'base', false),
    (8, 'library.tag', '{"en_US": "Tag"}', 'id', 'base', false),
    (9, 'x_note', '{"en_US": "Note"}', 'id', 'manual', false);
INSERT INTO ir_model_inherit VALUES (1, 3, 4, NULL), (2, 2, 1, 4);
INSERT INTO ir_model_fields (id, model_id, model, name, ttype, relation, relation_field, related, store, required,
        readonly, state, field_description, relation_table, selectable, compute, domain) VALUES
    (1, 1, 'res.partner', 'name', 'char', NULL, NULL, NULL, true, true, false, 'base', '{"en_US": "Name"}', NULL, true,
        NULL, NULL),
    (2, 1, 'res.partner', 'id', 'integer', NULL, NULL, NULL, true, false, true, 'base', NULL, NULL, true, NULL, NULL),
    (3, 2, 'res.users', 'name', 'char', NULL, NULL, 'partner_id.name', false, false, false, 'base', NULL, NULL, true,
        NULL, NULL),
    (4, 2, 'res.users', 'partner_id', 'many2one', 'res.partner', NULL, NULL, true, true, false, 'base', NULL, NULL,
        true, NULL, NULL),
    (5, 3, 'library.book', 'active', 'boolean', NULL, NULL, NULL, true, false, false, 'base', NULL, NULL, true, NULL,
        NULL),
    (6, 3, 'library.book', 'reader_ids', 'many2many', 'res.partner', NULL, NULL, true, false, false, 'base', NULL,
        'book_reader_rel', true, NULL, NULL),
    (7, 3, 'library.book', 'shown', 'boolean', NULL, NULL, NULL, false, false, true, 'base', NULL, NULL, true, NULL,
        NULL),
    (8, 3, 'library.book', 'x_price', 'float', NULL, NULL, NULL, true, false, false, 'manual', NULL, NULL, true, NULL,
        '[]'),
    (9, 3, 'library.book', 'lend_ids', 'one2many', 'library.lend', 'book_id', NULL, true, false, false, 'base', NULL,
        NULL, true, NULL, NULL),
    (10, 7, 'library.query', 'total', 'float', NULL, NULL, NULL, true, false, true, 'base', NULL, NULL, true, NULL,
        NULL),
    (11, 3, 'library.book', 'create_uid', 'many2one', 'res.users', NULL, NULL, true, false, true, 'base', NULL, NULL,
        true, NULL, NULL);
INSERT INTO ir_model_fields (id, model_id, model, name, ttype, state, sanitize, sanitize_tags, sanitize_overridable,
        strip_style, strip_classes) VALUES
    (12, 3, 'library.book', 'about', 'html', 'base', true, true, false, false, false),
    (13, 3, 'library.book', 'raw', 'html', 'base', false, true, false, false, false),
    (14, 3, 'library.book', 'page', 'html', 'base', true, true, true, false, false),
    (15, 3, 'library.book', 'mail', 'html', 'base', true, false, false, false, false),
    (16, 3, 'library.book', 'unsaid', 'html', 'base', NULL, NULL, NULL, NULL, NULL);
INSERT INTO ir_model_fields_group_rel VALUES (8, 1);
INSERT INTO res_groups (id, name, share) VALUES
    (1, '{"en_US": "User"}', false), (2, '{"en_US": "Portal"}', true), (3, '{"en_US": "Librarian"}', false),
    (4, '{"en_US": "By hand"}', false), (5, '{"en_US": "Public"}', true);
INSERT INTO res_groups_implied_rel VALUES (3, 1), (4, 3);
INSERT INTO ir_model_access (id, name, model_id, group_id, active, perm_read, perm_write, perm_create, perm_unlink)
    VALUES (1, 'book user', 3, 1, true, true, false, false, false),
           (2, 'book librarian', 3, 3, true, true, true, true, true),
           (3, 'partner all', 1, NULL, true, NULL, false, false, false),
           (4, 'archived', 3, 2, false, true, false, false, false),
           (5, 'query', 7, 1, true, true, false, false, false);
INSERT INTO ir_rule (id, name, model_id, domain_force, active, perm_unlink, global) VALUES
    (1, 'everybody', 3, ' [(1, ''='', 1)] ', true, true, true),
    (2, 'own', 3, '[(''create_uid'', ''='', user.id)]', true, false, true),
    (12, 'by hand', 3, NULL, false, true, true);
INSERT INTO rule_group_rel VALUES (2, 3), (2, 1);
INSERT INTO res_partner VALUES (1, 'OdooBot'), (2, 'Ada'), (3, 'Visitor'), (4, 'No user');
INSERT INTO res_users VALUES (1, '__system__', 'secret-hash', false, 1, 1), (2, 'ada', 'secret-hash', true, 2, 1),
    (3, 'visitor', NULL, true, 3, 2);
INSERT INTO res_company VALUES (1, 'Main', NULL, true, 10), (2, 'Branch', 1, true, 5), (3, 'Closed', NULL, false, NULL);
INSERT INTO res_company_users_rel VALUES (1, 1), (1, 2), (2, 2), (2, 3);
INSERT INTO ir_act_window VALUES (1, 'ir.actions.act_window', '{"en_US": "Books"}', 'library.book', '[]');
INSERT INTO ir_act_server VALUES (2, 'ir.actions.server', '{"en_US": "Run"}', 3);
INSERT INTO ir_act_report_xml VALUES (3, 'ir.actions.report', '{"en_US": "Label"}', 'library.book');
INSERT INTO ir_act_client VALUES (4, 'ir.actions.client', '{"en_US": "Board"}', NULL);
INSERT INTO ir_act_url VALUES (5, 'ir.actions.act_url', '{"en_US": "Site"}');
INSERT INTO ir_actions VALUES (6, 'ir.actions.act_window_close', '{"en_US": "Close"}');
INSERT INTO ir_act_window_group_rel VALUES (1, 3);
INSERT INTO ir_act_server_group_rel VALUES (2, 1);
INSERT INTO res_groups_report_rel VALUES (3, 2);
INSERT INTO ir_ui_menu VALUES (1, '{"en_US": "Library"}', NULL, NULL, true, 3),
    (2, '{"en_US": "Books"}', 1, 'ir.actions.act_window,1', true, NULL),
    (3, '{"en_US": "Gone"}', 1, 'ir.actions.act_window,99', true, 1);
INSERT INTO ir_ui_menu_group_rel VALUES (2, 3), (2, 1);
INSERT INTO ir_ui_view VALUES (1, 'book form', 'form', 'library.book', NULL),
    (2, 'book form more', 'form', 'library.book', 1);
INSERT INTO ir_ui_view_group_rel VALUES (2, 3);
INSERT INTO ir_model_data (module, name, model, res_id, noupdate) VALUES
    ('base', 'group_user', 'res.groups', 1, true), ('base', 'group_portal', 'res.groups', 2, true),
    ('library', 'group_librarian', 'res.groups', 3, false), ('alias', 'librarian', 'res.groups', 3, false),
    ('__export__', 'res_groups_4_abc', 'res.groups', 4, false), ('base', 'group_public', 'res.groups', 5, true),
    ('library', 'access_book_user', 'ir.model.access', 1, false),
    ('library', 'access_book_librarian', 'ir.model.access', 2, false),
    ('base', 'access_partner', 'ir.model.access', 3, false), ('library', 'access_old', 'ir.model.access', 4, false),
    ('library', 'access_query', 'ir.model.access', 5, false),
    ('library', 'rule_all', 'ir.rule', 1, true), ('library', 'rule_own', 'ir.rule', 2, false),
    ('base', 'main_company', 'res.company', 1, true), ('base', 'user_root', 'res.users', 1, true),
    ('base', 'partner_root', 'res.partner', 1, true), ('elsewhere', 'someone', 'res.partner', 4, true),
    ('base', 'model_res_partner', 'ir.model', 1, false), ('library', 'model_res_partner', 'ir.model', 1, false),
    ('library', 'model_library_book', 'ir.model', 3, false),
    ('library', 'field_book__active', 'ir.model.fields', 5, false),
    ('library', 'action_books', 'ir.actions.act_window', 1, false), ('library', 'menu_root', 'ir.ui.menu', 1, false),
    ('library', 'menu_books', 'ir.ui.menu', 2, false), ('library', 'view_book', 'ir.ui.view', 1, false),
    ('base', 'module_category_library', 'ir.module.category', 2, true),
    ('library', 'privilege_library', 'res.groups.privilege', 7, true);
"""
# 17 and 18 store all a user holds; 19 stores what was given.
MEMBERS = {
    "17.0": "(3, 2), (1, 2), (2, 3)",
    "18.0": "(3, 2), (1, 2), (2, 3)",
    "19.0": "(3, 2), (2, 3)",
}
MORE = {
    "17.0": "UPDATE res_groups SET category_id = 2 WHERE id = 3; UPDATE ir_model_fields SET translate = id = 1;",
    "18.0": "UPDATE res_groups SET category_id = 2 WHERE id = 3; UPDATE ir_model_fields SET translate = id = 1;"
    "UPDATE ir_model_fields SET company_dependent = id = 8;",
    "19.0": "UPDATE res_groups SET privilege_id = 7 WHERE id = 3; INSERT INTO res_groups_privilege VALUES (7);"
    "UPDATE ir_model_fields SET translate = 'standard' WHERE id = 1; UPDATE ir_model SET abstract = id = 4;"
    "UPDATE ir_model_fields SET company_dependent = id = 8;",
}


def build(connection: psycopg.Connection[Any], series: str) -> None:
    """Fill an empty database."""
    members = f"INSERT INTO res_groups_users_rel VALUES {MEMBERS[series]};"
    for text in (TABLES, OF_SERIES[series], ROWS.replace("{series}", series), members, MORE[series]):
        connection.execute(text)
