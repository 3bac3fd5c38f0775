#!/usr/bin/env bash
# Makes a Debian in a folder, without network: the packages that every Debian has, and those that DEPENDENCIES (as a
# control file writes them) ask for with all that they depend on, copied from this machine. Nothing else is in it: no
# other package, nothing from /usr/local, /home or a build tree. Called again it adds to what is there.
# usage: tests/package/clean_root.sh FOLDER [DEPENDENCIES]
set -euo pipefail
export LC_ALL=C
here=$(dirname "$(realpath "$0")")
root=$1

names=$(dpkg-query -W -f='${db:Status-Status}\t${Architecture}\t${Package}\t${Essential}\t${Priority}\t${Provides}\t${Pre-Depends}, ${Depends}\n' |
    awk -f "$here/closure.awk" -v architecture="$(dpkg --print-architecture)" -v wanted="${2:-}")

# The files: those that dpkg lists and who runs this may read, but what minimal images leave away as well.
lists=() infos=(/var/lib/dpkg/info/format)
for name in $names; do
    for file in /var/lib/dpkg/info/"$name".* /var/lib/dpkg/info/"$name":*; do
        [[ -e $file ]] || continue
        infos+=("$file")
        [[ $file != *.list ]] || lists+=("$file")
    done
done
mkdir -p "$root"/usr/{bin,sbin,lib,lib32,lib64,libx32} # where /bin and its like lead to
sort -u "${lists[@]}" | grep -vE '^/usr/share/(doc|man|locale|info)/.|^/\.$' | while IFS= read -r file; do
    [[ ! -r $file && ! -L $file ]] || printf '%s\0' "${file#/}"
done >"$root.files"
# To whom they belong matters to root alone.
tar -C / --null --no-recursion --files-from="$root.files" -cf - |
    tar -C "$root" --keep-directory-symlink --no-overwrite-dir -xpf -
rm "$root.files"

# What dpkg knows, of these packages only.
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers,parts}
cp -p "${infos[@]}" "$root/var/lib/dpkg/info/"
awk -v RS= -v ORS='\n\n' -v names="$names" -v architecture="$(dpkg --print-architecture)" '
    BEGIN { count = split(names, list); for (i = 1; i <= count; i++) wanted[list[i]] }
    match($0, /^Package: [^\n]*/) && substr($0, 10, RLENGTH - 9) in wanted &&
        $0 ~ "\nArchitecture: (all|" architecture ")\n"' /var/lib/dpkg/status >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"

# What the packages' scripts have made: accounts, and the programs among several that do the same.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
echo 'someone:x:1000:1000::/home/someone:/bin/bash' >>"$root/etc/passwd"
echo 'someone:x:1000:' >>"$root/etc/group"
mkdir -p "$root/home/someone" "$root/etc/alternatives"
find /usr/bin /usr/sbin -lname '/etc/alternatives/*' | while IFS= read -r link; do
    choice=$(readlink "$link")
    [[ ! -e $root$(readlink "$choice") ]] || cp -P "$link" "$choice" -t "$root" --parents
done
