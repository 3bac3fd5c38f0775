# One SQL file (standard input) as a migration (standard output); see wrap.sh. Reads bytes: run it with LC_ALL=C.
# ENVIRON: file, its name for messages; replace_<n>_from and replace_<n>_to, literal text, n from 1 on.
# Exit code 1, with the line, for what only psql can do.

function refuse(why) {
    printf "%s:%d: %s\n", ENVIRON["file"], number, why | "cat 1>&2"
    refused = 1
    exit 1
}

function replaced(text, from, to,    result, at) {
    while ((at = index(text, from)) > 0) {
        result = result substr(text, 1, at - 1) to
        text = substr(text, at + length(from))
    }
    return result text
}

# The beginning of the statement, without strings and comments.
function outside(text) {
    if (length(statement) < 10000)
        statement = statement " " text
    if (statement ~ /^[ \t\r\f]*[cC][oO][pP][yY]/ && toupper(statement) ~ /[ \t\r\f]FROM[ \t\r\f]+STDIN/)
        refuse("COPY FROM STDIN takes its rows from the file; write them as INSERT")
}

# Follows strings, comments and dollar quotes through a line ("Lexical Structure"): a backslash outside of them is
# psql's.
function follow(line,    character) {
    while (line != "") {
        if (state == "") {
            if (!match(line, /['"\\;\/$-]/)) {
                outside(line)
                return
            }
            outside(substr(line, 1, RSTART - 1))
            before = RSTART > 1 ? substr(line, RSTART - 1, 1) : " "
            two_before = RSTART > 2 ? substr(line, RSTART - 2, 1) : " "
            character = substr(line, RSTART, 1)
            line = substr(line, RSTART + 1)
            if (character == "\\")
                refuse("a command of psql (backslash outside of a string); only SQL can be wrapped")
            else if (character == "'")
                state = before ~ /[eE]/ && two_before !~ /[A-Za-z0-9_$\200-\377]/ ? "escape" : "string"
            else if (character == "\"")
                state = "identifier"
            else if (character == ";")
                statement = ""
            else if (character == "-" && line ~ /^-/)
                return
            else if (character == "/" && line ~ /^\*/) {
                state = "comment"
                depth = 1
                line = substr(line, 2)
            } else if (character == "$" && before !~ /[A-Za-z0-9_$\200-\377]/ &&
                       match(line, /^([A-Za-z_\200-\377][A-Za-z0-9_\200-\377]*)?[$]/)) {
                state = "dollar"
                dollar = "$" substr(line, 1, RLENGTH)
                line = substr(line, RLENGTH + 1)
            }
        } else if (state == "comment") {
            if (!match(line, /\*\/|\/\*/))
                return
            depth += substr(line, RSTART, 1) == "*" ? -1 : 1
            line = substr(line, RSTART + 2)
            if (depth == 0)
                state = ""
        } else if (state == "dollar") {
            if (!(RSTART = index(line, dollar)))
                return
            line = substr(line, RSTART + length(dollar))
            state = ""
        } else if (state == "escape") {
            if (!match(line, /['\\]/))
                return
            if (substr(line, RSTART, 1) == "\\")
                line = substr(line, RSTART + 2)
            else {
                line = substr(line, RSTART + 1)
                if (line ~ /^'/)
                    line = substr(line, 2)
                else
                    state = ""
            }
        } else {
            # A doubled quote ends the string and begins it again at once.
            if (!(RSTART = index(line, state == "string" ? "'" : "\"")))
                return
            line = substr(line, RSTART + 1)
            state = ""
        }
    }
}

BEGIN {
    while (("replace_" (replacements + 1) "_from") in ENVIRON)
        replacements++
}

{
    number = NR
    if (NR == 1)
        sub(/^\357\273\277/, "") # psql skips a byte order mark as well
    for (i = 1; i <= replacements; i++)
        $0 = replaced($0, ENVIRON["replace_" i "_from"], ENVIRON["replace_" i "_to"])
    follow($0)
    lines[NR] = $0
    text_size += length($0) + 1
}

# A raw string ends where `delimiter` says, which no line may hold; one that collides changes it for all, so the
# lines before are looked at again.
function choose_delimiter(    i, again) {
    do {
        again = 0
        for (i = 1; i <= NR; i++)
            while (index(lines[i], ")" delimiter "\"")) {
                delimiter = "sql" ++collisions
                again = 1
            }
    } while (again)
}

# Text up to the next carriage return as raw strings: g++ drops one at a line's end from them, clang++ does not.
function emit(text,    at) {
    while ((at = index(text, "\r")) > 0) {
        put(substr(text, 1, at - 1))
        printf ")%s\" \"\\r\" R\"%s(", delimiter, delimiter
        text = substr(text, at + 1)
    }
    put(text)
}

# A string literal of more than 65,536 bytes is beyond what C++ promises; UTF-8 is not cut within a character.
function put(text,    take) {
    while (filled + length(text) > literal_limit) {
        take = literal_limit - filled
        while (take > 0 && substr(text, take + 1, 1) ~ /[\200-\277]/)
            take--
        printf "%s)%s\";\n    sql += R\"%s(", substr(text, 1, take), delimiter, delimiter
        text = substr(text, take + 1)
        filled = 0
    }
    printf "%s", text
    filled += length(text)
}

END {
    if (refused)
        exit 1
    delimiter = "sql"
    choose_delimiter()
    literal_limit = 60000
    split_up = text_size > literal_limit
    print "#include <dibs/migration.hpp>"
    if (split_up)
        print "\n#include <string>"
    print "\nDIBS_MIGRATION();\n\nvoid migrate(dibs::MigrationContext& ctx) {"
    printf split_up ? "    std::string sql;\n    sql += R\"%s(" : "    ctx.execute(R\"%s(", delimiter
    for (i = 1; i <= NR; i++)
        emit(lines[i] "\n")
    printf split_up ? ")%s\";\n    ctx.execute(sql);\n}\n" : ")%s\");\n}\n", delimiter
}
