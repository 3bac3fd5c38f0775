#!/usr/bin/env bash
# A history of files that a wrapper could get wrong, compared like a real one; and the files that it must refuse.
# usage: awkward.sh <argument of compare.sh but the folder>...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder="$work/a history"
mkdir "$folder"

printf '\xEF\xBB\xBFCREATE TABLE with_mark (id int);\n' >"$folder/1_byte_order_mark.sql"
printf 'CREATE FUNCTION ends() RETURNS text LANGUAGE sql AS $f$\r\n  SELECT $$a\rb$$::text;\r\n$f$;\r\n' \
    >"$folder/2_carriage-returns.sql"
printf 'CREATE TABLE comment_at_end (id int); -- no newline' >"$folder/3_comment.sql"
: >"$folder/4_empty.sql"
printf -- '-- nothing but words /* and no end\n' >"$folder/5_only_a_comment.sql"
cat >"$folder/6_collisions.sql" <<'SQL'
COMMENT ON TABLE with_mark IS ')sql" )sql1" R"sql( )"';
COMMENT ON COLUMN with_mark.id IS E'a\\b\n''c\' ';
CREATE FUNCTION slashes() RETURNS text LANGUAGE plpgsql AS $body$ -- \d is a word here; so is '
BEGIN /* nested /* \q */ ' */
    RETURN 'C:\temp\' || "current_user"() || $$\x$$ || U&'\0041' || E'\'\\';
END $body$;
COMMENT ON FUNCTION slashes() IS '
\restrict: a line of a string
-- dibs: ??/ ??= %d {} \u00e9 #include <x>
COPY x FROM stdin;
';
CREATE TABLE "odd "";\name" (a$b$c int, "COPY FROM STDIN" int, e text DEFAULT 'not escaped\', money text DEFAULT '$1');
SQL
printf "COMMENT ON COLUMN with_mark.id IS 'Größe, 表, 😀, a\xCC\x81';\nCREATE TABLE \"größe\" (\"表\" int);\n" \
    >"$folder/7_not_ascii.sql"
{
    echo "CREATE FUNCTION long_one() RETURNS text LANGUAGE sql AS \$f\$ SELECT '"
    awk 'BEGIN { for (i = 0; i < 150000; i++) printf "表"; print ""; for (i = 0; i < 20000; i++) print "line", i, "\\" }'
    echo "'::text \$f\$;"
} >"$folder/8_long.sql"
printf 'SELECT 1;;\n\n;CREATE TABLE {{schema}}.templated (slash text DEFAULT %s);\n' "'{{ \\a&b }}'" \
    >"$folder/10_after_8.sql"
printf 'DROP TABLE templated;' >"$folder/10_after_8.down.sql"

"$here/compare.sh" "$folder" --replace '{{schema}}' public --replace '{{ \a&b }}' '\1&&{{schema' "$@"

refuses() { # NAME MESSAGE; the file is standard input
    mkdir "$work/$1"
    cat >"$work/$1/1_refused.sql"
    if said=$("$here/wrap.sh" "$work/$1" "$work/$1.out" 2>&1); then
        echo "$1: was not refused" && exit 1
    fi
    [[ $said == *"$2"* ]] || { echo "$1: expected '$2', got: $said" && exit 1; }
}
printf 'SELECT 1;\n\\connect other\n' | refuses command 'sql:2: a command of psql'
printf 'SELECT $$\n$$ \\gset\n' | refuses gset 'sql:2: a command of psql'
printf 'copy t (a,\n b) FROM stdin;\n1\t2\n\\.\n' | refuses copy 'sql:2: COPY FROM STDIN'
printf 'SELECT 1;\0' | refuses zero 'a zero byte'
printf 'SELECT \xE9;' | refuses latin1 'is not UTF-8'
mkdir "$work/none"
if "$here/wrap.sh" "$work/none" "$work/none.out" 2>/dev/null; then
    echo "an empty folder was not refused" && exit 1
fi
echo "what cannot be wrapped is refused"
