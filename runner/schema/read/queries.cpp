#include "schema/read/queries.hpp"

#include <utility>

#include <fmt/format.h>

namespace dibs::schema {
namespace {

/// Qualified all the same: dibs's own SQL does not depend on a setting.
constexpr std::string_view of_users =
    "(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')";

constexpr std::string_view schemas =
    "SELECT n.oid, n.nspname, EXISTS (SELECT FROM pg_catalog.pg_init_privs i "
    " WHERE i.classoid = 'pg_catalog.pg_namespace'::regclass AND i.objoid = n.oid AND i.initprivs = "
    "n.nspacl) "
    "FROM pg_catalog.pg_namespace n "
    "WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

constexpr std::string_view members =
    "SELECT classid, objid, refobjid FROM pg_catalog.pg_depend WHERE deptype = 'e' AND objid >= 16384";

constexpr std::string_view relations =
    "SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, "
    "pg_catalog.array_to_string(c.reloptions, E'\\x1f'), "
    "(SELECT pg_catalog.array_to_string(t.reloptions, E'\\x1f') FROM pg_catalog.pg_class t "
    " WHERE t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL), "
    "c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relpages, c.reltuples::int8, "
    "CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END, "
    "CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END, "
    "CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END, "
    "c.relispopulated, (SELECT amname FROM pg_catalog.pg_am a WHERE a.oid = c.relam AND amname <> 'heap'), "
    "CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END "
    "FROM pg_catalog.pg_class c "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c') AND c.relnamespace IN {users}";

/// Most defaults are like others, and have no columns in them: of those each is written out once. Trees have
/// no equality, their texts have.
constexpr std::string_view columns =
    "WITH written AS MATERIALIZED (SELECT w.tree, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS text "
    "FROM (SELECT adbin::text AS tree, pg_catalog.min(oid) AS oid FROM pg_catalog.pg_attrdef GROUP BY 1) w "
    "JOIN pg_catalog.pg_attrdef d ON d.oid = w.oid) "
    "SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, "
    "CASE WHEN a.attgenerated = '' THEN w.text ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid) END, "
    "a.attidentity, a.attgenerated, "
    "CASE WHEN a.attcollation <> t.typcollation THEN (SELECT pg_catalog.quote_ident(n.nspname) || '.' || "
    " pg_catalog.quote_ident(o.collname) FROM pg_catalog.pg_collation o "
    " JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation) END, "
    "CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, {compression}, "
    "{statistics}, pg_catalog.array_to_string(a.attoptions, E'\\x1f'), a.attislocal, a.attinhcount > 0, "
    "t.typstorage "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_catalog.pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "LEFT JOIN written w ON w.tree = d.adbin::text "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'c') AND c.relnamespace IN {users} "
    "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum";

/// Primary keys and unique constraints without their definitions, see Definitions.
constexpr std::string_view constraints =
    "SELECT c.oid, c.conname, c.conrelid, c.contypid, c.contype, "
    "CASE WHEN c.contype NOT IN ('p', 'u') THEN pg_catalog.pg_get_constraintdef(c.oid) END, "
    "c.condeferrable, c.condeferred, c.convalidated, c.conislocal, c.coninhcount > 0, c.conparentid, "
    "c.conindid, "
    "c.conkey, c.confrelid, c.confkey, coalesce(i.indisclustered, false), coalesce(i.indisreplident, false) "
    "FROM pg_catalog.pg_constraint c "
    "LEFT JOIN pg_catalog.pg_index i ON c.contype IN ('p', 'u', 'x') AND i.indexrelid = c.conindid "
    "WHERE c.contype IN ('p', 'u', 'f', 'c', 'x') AND c.connamespace IN {users}";

/// Those on columns alone, with operator classes that have no parameters, without their definitions, but with
/// what these depend on; see Definitions.
constexpr std::string_view indexes =
    "SELECT i.indexrelid, i.indrelid, c.relname, c.relnamespace, i.indisvalid, i.indisreplident, "
    "i.indisclustered, "
    "CASE WHEN k.oid IS NULL AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR o.attrelid IS NOT NULL) "
    " THEN pg_catalog.pg_get_indexdef(i.indexrelid) END, h.inhparent, i.indkey, "
    "i.indisunique, CASE WHEN i.indexprs IS NOT NULL THEN (SELECT pg_catalog.string_agg(a.attnum || '=' || "
    " {index_statistics}, E'\\x1f' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
    " WHERE a.attrelid = i.indexrelid AND {index_statistics} >= 0) END, k.oid IS NOT NULL, "
    "CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL AND o.attrelid IS NULL "
    " THEN pg_catalog.concat_ws(' ', c.relam, i.indnkeyatts, i.indclass, i.indcollation, i.indoption, "
    " {nulls_not_distinct}, c.reloptions) END "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
    "LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') "
    "LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid "
    "LEFT JOIN (SELECT DISTINCT attrelid FROM pg_catalog.pg_attribute WHERE attoptions IS NOT NULL) o "
    "ON o.attrelid = i.indexrelid "
    "WHERE c.relnamespace IN {users}";

constexpr std::string_view inheritance =
    "SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits ORDER BY inhrelid, inhseqno";

constexpr std::string_view sequences =
    "SELECT s.seqrelid, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, "
    "s.seqmax, "
    "s.seqcache, s.seqcycle, d.deptype, d.refobjid, d.refobjsubid FROM pg_catalog.pg_sequence s "
    "LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = "
    "s.seqrelid "
    "AND d.objsubid = 0 AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_catalog.pg_class'::regclass "
    "AND d.refobjsubid > 0";

constexpr std::string_view types =
    "SELECT t.oid, t.typnamespace, t.typname, t.typtype, pg_catalog.format_type(t.typbasetype, t.typtypmod), "
    "t.typnotnull, coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault), "
    "(SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname) "
    " FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace, "
    " pg_catalog.pg_type b WHERE o.oid = t.typcollation AND b.oid = t.typbasetype "
    " AND b.typcollation <> t.typcollation), t.typrelid "
    "FROM pg_catalog.pg_type t "
    "WHERE (t.typtype IN ('e', 'd') OR (t.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class c "
    " WHERE c.oid = t.typrelid AND c.relkind = 'c'))) AND t.typnamespace IN {users}";

constexpr std::string_view labels = "SELECT enumtypid, enumlabel FROM pg_catalog.pg_enum WHERE enumtypid >= "
                                    "16384 ORDER BY enumtypid, enumsortorder";

/// What is made again when it differs, each with its whole statement.
constexpr std::string_view made =
    "SELECT 'pg_catalog.pg_collation'::regclass::oid, c.oid, 'c', n.oid, c.collname, pg_catalog.format("
    "'CREATE COLLATION %I.%I (PROVIDER = %s, %s%s%s)', n.nspname, c.collname, "
    "CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, "
    "CASE WHEN c.collprovider = 'c' THEN pg_catalog.format('LC_COLLATE = %L, LC_CTYPE = %L', c.collcollate, "
    " c.collctype) ELSE pg_catalog.format('LOCALE = %L', coalesce(pg_catalog.to_jsonb(c)->>'colliculocale', "
    " pg_catalog.to_jsonb(c)->>'colllocale', c.collcollate::text)) END, "
    "CASE WHEN c.collisdeterministic THEN '' ELSE ', DETERMINISTIC = false' END, "
    "', RULES = ' || pg_catalog.quote_literal(pg_catalog.to_jsonb(c)->>'collicurules')), -1 "
    "FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace "
    "WHERE n.oid IN {users} "
    "UNION ALL "
    "SELECT 'pg_catalog.pg_type'::regclass::oid, t.oid, 'r', n.oid, t.typname, pg_catalog.format("
    "'CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s%s%s%s%s)', n.nspname, t.typname, "
    "pg_catalog.format_type(r.rngsubtype, NULL), "
    "(SELECT pg_catalog.format(', SUBTYPE_OPCLASS = %I.%I', s.nspname, o.opcname) FROM pg_catalog.pg_opclass "
    "o "
    " JOIN pg_catalog.pg_namespace s ON s.oid = o.opcnamespace WHERE o.oid = r.rngsubopc AND NOT "
    "o.opcdefault), "
    "(SELECT pg_catalog.format(', COLLATION = %I.%I', s.nspname, o.collname) FROM pg_catalog.pg_collation o "
    " JOIN pg_catalog.pg_namespace s ON s.oid = o.collnamespace, pg_catalog.pg_type b "
    " WHERE o.oid = r.rngcollation AND b.oid = r.rngsubtype AND b.typcollation <> o.oid), "
    "CASE WHEN r.rngsubdiff <> 0 THEN (SELECT pg_catalog.format(', SUBTYPE_DIFF = %I.%I', s.nspname, "
    "p.proname) "
    " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace "
    " WHERE p.oid = r.rngsubdiff) END, {multirange}), -1 "
    "FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.oid IN {users} AND r.rngcanonical = 0 "
    "UNION ALL "
    "SELECT 'pg_catalog.pg_statistic_ext'::regclass::oid, s.oid, 's', s.stxnamespace, s.stxname, "
    "pg_catalog.pg_get_statisticsobjdef(s.oid), "
    "coalesce((pg_catalog.to_jsonb(s)->>'stxstattarget')::int, -1) FROM pg_catalog.pg_statistic_ext s "
    "WHERE s.stxnamespace IN {users}";

constexpr std::string_view functions =
    "SELECT p.oid, p.pronamespace, p.proname, pg_catalog.oidvectortypes(p.proargtypes), p.prokind, "
    "CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) "
    "ELSE (SELECT pg_catalog.format('CREATE AGGREGATE %I.%I(%s) (%s)', p.pronamespace::regnamespace::name, "
    " p.proname, coalesce(nullif(pg_catalog.pg_get_function_arguments(p.oid), ''), '*'), "
    " pg_catalog.concat_ws(', ', 'SFUNC = ' || a.aggtransfn, "
    " 'STYPE = ' || pg_catalog.format_type(a.aggtranstype, NULL), 'SSPACE = ' || nullif(a.aggtransspace, 0), "
    " 'FINALFUNC = ' || nullif(a.aggfinalfn::oid, 0)::regproc, "
    " CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END, "
    " CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN "
    "'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END, "
    " 'COMBINEFUNC = ' || nullif(a.aggcombinefn::oid, 0)::regproc, "
    " 'SERIALFUNC = ' || nullif(a.aggserialfn::oid, 0)::regproc, "
    " 'DESERIALFUNC = ' || nullif(a.aggdeserialfn::oid, 0)::regproc, "
    " 'INITCOND = ' || pg_catalog.quote_literal(a.agginitval), "
    " 'MSFUNC = ' || nullif(a.aggmtransfn::oid, 0)::regproc, "
    " 'MINVFUNC = ' || nullif(a.aggminvtransfn::oid, 0)::regproc, "
    " 'MSTYPE = ' || pg_catalog.format_type(nullif(a.aggmtranstype, 0), NULL), "
    " 'MSSPACE = ' || nullif(a.aggmtransspace, 0), "
    " 'MFINALFUNC = ' || nullif(a.aggmfinalfn::oid, 0)::regproc, "
    " CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END, "
    " CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN "
    "'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END, "
    " 'MINITCOND = ' || pg_catalog.quote_literal(a.aggminitval), "
    " (SELECT pg_catalog.format('SORTOP = OPERATOR(%I.%s)', o.oprnamespace::regnamespace::name, o.oprname) "
    "  FROM pg_catalog.pg_operator o WHERE o.oid = a.aggsortop), "
    " 'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END, "
    " CASE a.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END)) "
    "FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid) END, "
    "pg_catalog.pg_get_function_identity_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid), "
    "p.pronargdefaults FROM pg_catalog.pg_proc p "
    "WHERE p.pronamespace IN {users} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid "
    "AND d.deptype IN ('e', 'i'))"; // of extensions, and the constructors of range types

/// Of those that partitions have from their partitioned table, only those that fire otherwise than that.
constexpr std::string_view triggers =
    "WITH RECURSIVE family AS (SELECT t.oid, t.oid AS root, t.tgenabled AS firing "
    "FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal AND t.tgparentid = 0 UNION ALL "
    "SELECT t.oid, f.root, f.firing FROM family f JOIN pg_catalog.pg_trigger t ON t.tgparentid = f.oid) "
    "SELECT t.oid, t.tgrelid, t.tgname, t.tgenabled, "
    "CASE WHEN t.oid = f.root THEN pg_catalog.pg_get_triggerdef(t.oid) END, r.tgrelid, r.tgname "
    "FROM family f JOIN pg_catalog.pg_trigger t ON t.oid = f.oid "
    "JOIN pg_catalog.pg_trigger r ON r.oid = f.root JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
    "WHERE (t.oid = f.root OR t.tgenabled <> f.firing) AND c.relnamespace IN {users}";

constexpr std::string_view rules =
    "SELECT r.oid, r.ev_class, r.rulename, r.ev_enabled, "
    "CASE WHEN r.rulename <> '_RETURN' THEN pg_catalog.pg_get_ruledef(r.oid) END "
    "FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class "
    "WHERE c.relnamespace IN {users}";

constexpr std::string_view policies =
    "SELECT p.oid, p.polrelid, p.polname, p.polpermissive, p.polcmd, "
    "(SELECT pg_catalog.string_agg(pg_catalog.pg_get_userbyid(r), E'\\x1f' ORDER BY 1) "
    " FROM pg_catalog.unnest(p.polroles) r WHERE r <> 0), "
    "pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) "
    "FROM pg_catalog.pg_policy p";

constexpr std::string_view extensions =
    "SELECT e.oid, e.extname, n.nspname, e.extversion FROM pg_catalog.pg_extension e "
    "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.oid >= 16384";

constexpr std::string_view comments =
    "SELECT classoid, objoid, objsubid, description FROM pg_catalog.pg_description "
    "WHERE objoid >= 16384 OR objoid IN {users}";

constexpr std::string_view grants =
    "SELECT o.class, o.id, o.sub, g.grantee, g.privilege_type, g.is_grantable FROM ("
    "SELECT 'pg_catalog.pg_class'::regclass::oid AS class, oid AS id, 0 AS sub, relowner AS owner, relacl AS "
    "acl "
    " FROM pg_catalog.pg_class WHERE relacl IS NOT NULL AND relnamespace IN {users} "
    "UNION ALL SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum, c.relowner, a.attacl "
    " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    " WHERE a.attacl IS NOT NULL AND c.relnamespace IN {users} "
    "UNION ALL SELECT 'pg_catalog.pg_proc'::regclass::oid, oid, 0, proowner, proacl FROM pg_catalog.pg_proc "
    " WHERE proacl IS NOT NULL AND pronamespace IN {users} "
    "UNION ALL SELECT 'pg_catalog.pg_type'::regclass::oid, oid, 0, typowner, typacl FROM pg_catalog.pg_type "
    " WHERE typacl IS NOT NULL AND typnamespace IN {users} "
    "UNION ALL SELECT 'pg_catalog.pg_namespace'::regclass::oid, oid, 0, nspowner, nspacl "
    " FROM pg_catalog.pg_namespace WHERE nspacl IS NOT NULL AND oid IN {users}) o {others}";

/// A type's array stands for the type, a row type for its table, a default for its column. Left out is what
/// the other queries tell: the columns of plain indexes and of foreign keys.
constexpr std::string_view dependencies =
    "SELECT d.classid, coalesce(f.adrelid, d.objid), coalesce(f.adnum, d.objsubid), "
    "CASE WHEN t.typrelid <> 0 OR e.typrelid <> 0 THEN 'pg_catalog.pg_class'::regclass::oid "
    " ELSE d.refclassid END, "
    "coalesce(nullif(e.typrelid, 0), e.oid, nullif(t.typrelid, 0), d.refobjid), d.refobjsubid "
    "FROM pg_catalog.pg_depend d "
    "LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid "
    "LEFT JOIN pg_catalog.pg_type t ON d.refclassid = 'pg_catalog.pg_type'::regclass AND t.oid = d.refobjid "
    "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typelem <> 0 AND t.typlen = -1 "
    "LEFT JOIN pg_catalog.pg_index i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.indexrelid = "
    "d.objid "
    "WHERE d.objid >= 16384 AND d.deptype IN ('n', 'a') "
    "AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass "
    "AND NOT (d.classid = 'pg_catalog.pg_constraint'::regclass AND d.refobjsubid > 0) "
    "AND NOT (i.indexrelid IS NOT NULL AND d.refclassid = 'pg_catalog.pg_class'::regclass "
    " AND i.indexprs IS NULL AND i.indpred IS NULL)";

constexpr std::string_view casts =
    "SELECT pg_catalog.format_type(castsource, NULL), pg_catalog.format_type(casttarget, NULL), "
    "castcontext IN ('a', 'i'), castmethod = 'b' FROM pg_catalog.pg_cast";

/// $1: the role, or nothing for that of the connection.
constexpr std::string_view default_privileges =
    "SELECT o.schema, o.kind, g.grantee, g.privilege_type, g.is_grantable FROM ("
    "SELECT coalesce(n.nspname, '') AS schema, d.defaclobjtype AS kind, d.defaclrole AS owner, d.defaclacl "
    "AS acl "
    "FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace "
    "JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole "
    "WHERE r.rolname = coalesce(nullif($1, ''), CURRENT_USER::text)) o {others}";

std::string filled(std::string_view text, int server_version) {
    const std::pair<std::string_view, std::string_view> blanks[] = {
        {"{relations}", "(SELECT oid FROM pg_catalog.pg_class WHERE relnamespace IN {users})"},
        {"{users}", of_users},
        {"{others}", "LEFT JOIN LATERAL (SELECT CASE WHEN e.grantee = 0 THEN '' ELSE "
                     "pg_catalog.pg_get_userbyid(e.grantee) END AS grantee, e.privilege_type, "
                     "pg_catalog.bool_or(e.is_grantable) AS is_grantable FROM pg_catalog.aclexplode(o.acl) e "
                     "WHERE e.grantee <> o.owner GROUP BY 1, 2) g ON true"},
        {"{nulls_not_distinct}", server_version >= 150000 ? "i.indnullsnotdistinct" : "''"},
        {"{compression}", server_version >= 140000 ? "a.attcompression" : "''"},
        {"{statistics}", server_version >= 170000 ? "coalesce(a.attstattarget, -1)" : "a.attstattarget"},
        {"{index_statistics}",
         server_version >= 170000 ? "coalesce(a.attstattarget, -1)" : "a.attstattarget"},
        {"{multirange}",
         server_version >= 140000
             ? "(SELECT pg_catalog.format(', MULTIRANGE_TYPE_NAME = %I.%I', n.nspname, m.typname) "
               "FROM pg_catalog.pg_type m WHERE m.oid = r.rngmultitypid)"
             : "''"}};
    std::string result(text);
    for (const auto& [blank, content] : blanks)
        for (std::size_t at = result.find(blank); at != std::string::npos; at = result.find(blank, at))
            result.replace(at, blank.size(), content);
    return result;
}

} // namespace

std::vector<database::Statement> catalog_queries(int server_version, const std::string& role) {
    const std::string alone = left_alone_query();
    std::vector<database::Statement> statements;
    for (const std::string_view query :
         {schemas,   members,    relations, columns, constraints,  indexes,  inheritance,
          sequences, types,      labels,    made,    functions,    triggers, rules,
          policies,  extensions, comments,  grants,  dependencies, casts,    std::string_view(alone)})
        statements.push_back({filled(query, server_version), {}});
    statements.push_back({filled(default_privileges, server_version), {role}});
    return statements;
}

std::string fingerprint_query() {
    // xmin and ctid are another for each version of a row. VACUUM and ANALYZE write pg_class in place.
    // Temporary tables come and go all the time, and are in no model.
    constexpr std::pair<std::string_view, std::string_view> catalogs[] = {
        {"pg_namespace", "nspname !~ '^pg_'"},
        {"pg_class", "relnamespace IN {users}"},
        {"pg_attribute", "attrelid IN {relations}"},
        {"pg_attrdef", "adrelid IN {relations}"},
        {"pg_constraint", "connamespace IN {users}"},
        {"pg_index", "indrelid IN {relations}"},
        {"pg_inherits", "inhrelid IN {relations}"},
        {"pg_sequence", "seqrelid IN {relations}"},
        {"pg_type", "typnamespace IN {users}"},
        {"pg_enum", ""},
        {"pg_range", ""},
        {"pg_collation", ""},
        {"pg_statistic_ext", ""},
        {"pg_proc", "pronamespace IN {users}"},
        {"pg_trigger", "tgrelid IN {relations}"},
        {"pg_rewrite", "ev_class IN {relations}"},
        {"pg_policy", ""},
        {"pg_extension", ""},
        {"pg_description", ""},
        {"pg_operator", ""},
        {"pg_opclass", ""},
        {"pg_cast", ""},
        {"pg_default_acl", ""},
    };
    std::string all;
    for (const auto& [catalog, condition] : catalogs)
        all += fmt::format(
            "{}SELECT pg_catalog.count(*) AS rows, "
            "coalesce(pg_catalog.sum(pg_catalog.hashtext(xmin::text || ctid::text)), 0) AS hash "
            "FROM pg_catalog.{}{}{}",
            all.empty() ? "" : " UNION ALL ", catalog, condition.empty() ? "" : " WHERE ", condition);
    return filled("SELECT pg_catalog.string_agg(rows || ':' || hash, ' ') FROM (" + all + ") c", 0);
}

} // namespace dibs::schema
