# Which of this machine's packages are essential or required, or meet the dependencies in `wanted`, directly or by way
# of others. Of alternatives the first that is installed; versions are left to dpkg, which installs here.
# Reads: status, architecture, package, essential, priority, provided, dependencies; separated by tabs.
BEGIN { FS = "\t" }

$1 != "installed" || ($2 != "all" && $2 != architecture) { next }

{
    depends[$3] = $7
    provider[$3] = $3
    count = split($6, list, /, */)
    for (i = 1; i <= count; i++) {
        sub(/[ :(].*/, "", list[i])
        if (!(list[i] in provider))
            provider[list[i]] = $3
    }
    if ($4 == "yes" || $5 == "required")
        base[$3]
}

function take(text,    groups, count, i, j, alternatives, number, name) {
    count = split(text, groups, /, */)
    for (i = 1; i <= count; i++) {
        if (groups[i] ~ /^ *$/)
            continue
        number = split(groups[i], alternatives, /[|]/)
        for (j = 1; j <= number; j++) {
            name = alternatives[j]
            gsub(/^ +|[ :(].*$/, "", name)
            if (name in provider)
                break
        }
        if (j > number) {
            # What an image's own packages lack is none of ours.
            if (text == wanted) {
                print "not installed here: " groups[i] > "/dev/stderr"
                failed = 1
            }
        } else if (!(provider[name] in taken)) {
            taken[provider[name]]
            take(depends[provider[name]])
        }
    }
}

END {
    for (name in base)
        take(name)
    take(wanted)
    for (name in taken)
        print name
    exit failed
}
